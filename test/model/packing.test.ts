import { describe, expect, test } from "bun:test";
import { packedLength, packGroups } from "../../src/model/packing.ts";
import {
  BACKWARD_QUERIES_PER_TILE,
  KEYS_PER_TILE,
  QUERIES_PER_TILE,
} from "../../src/ops/transformer/attention.ts";
import { GROUPS } from "../support/decoder.ts";

/** A flat array of tiles, cut into tiles. */
function tilesOf(words: Uint32Array, length: number): number[][] {
  return Array.from({ length: words.length / length }, (_, i) =>
    Array.from(words.subarray(i * length, (i + 1) * length)),
  );
}

describe("one group of a prefix of 2 and members of 5 and 1", () => {
  const packed = packGroups([{ prefix: [7, 8], members: [[1, 2, 3, 4, 5], [6]] }]);

  test("lies prefix first, then member after member", () => {
    expect(Array.from(packed.tokens)).toEqual([7, 8, 1, 2, 3, 4, 5, 6]);
    expect(packed.starts).toEqual([[2, 7]]);
  });

  test("every member's positions go on from the prefix", () => {
    expect(Array.from(packed.positions)).toEqual([0, 1, 2, 3, 4, 5, 6, 2]);
  });

  test("query tiles: first row, rows, prefix, its length, own first row, keys before", () => {
    expect(tilesOf(packed.tiles, 6)).toEqual([
      [0, 2, 0, 0, 0, 0],
      [2, 4, 0, 2, 2, 0],
      [6, 1, 0, 2, 2, 4],
      [7, 1, 0, 2, 7, 0],
    ]);
  });

  test("key tiles: first row, rows, where their readers end", () => {
    expect(tilesOf(packed.keyTiles, 3)).toEqual([
      [0, 2, 8],
      [2, 4, 7],
      [6, 1, 7],
      [7, 1, 8],
    ]);
  });
});

describe("several groups", () => {
  const packed = packGroups(GROUPS);
  const rows = GROUPS.reduce((sum, group) => sum + packedLength(group), 0);

  test("take as many rows as they have tokens", () => {
    expect(rows).toBe(29 + 21 + 14);
    expect(packed.tokens.length).toBe(rows);
  });

  test("members stand where starts says", () => {
    GROUPS.forEach(({ members }, g) => {
      members.forEach((member, m) => {
        const start = packed.starts[g]![m]!;
        expect(Array.from(packed.tokens.subarray(start, start + member.length))).toEqual([
          ...member,
        ]);
      });
    });
  });

  test.each([
    ["forward", packed.tiles, 6, QUERIES_PER_TILE],
    ["backward over queries", packed.backwardTiles, 6, BACKWARD_QUERIES_PER_TILE],
    ["backward over keys", packed.keyTiles, 3, KEYS_PER_TILE],
  ] as const)("every row is in one tile, %s", (_, words, length, size) => {
    const covered = tilesOf(words, length).flatMap(([first = 0, count = 0]) => {
      expect(count).toBeWithin(1, size + 1);
      return Array.from({ length: count }, (_, i) => first + i);
    });
    expect(covered).toEqual(Array.from({ length: rows }, (_, row) => row));
  });

  test("a query sees exactly the tokens of its own sequence before it", () => {
    for (const [first = 0, count = 0, prefix = 0, prefixCount = 0, own = 0, before = 0] of tilesOf(
      packed.tiles,
      6,
    )) {
      for (let i = 0; i < count; i++) {
        expect(own + before + i).toBe(first + i);
        expect(packed.positions[first + i]).toBe(prefixCount + before + i);
        if (prefixCount > 0)
          expect(packed.positions[prefix + prefixCount - 1]).toBe(prefixCount - 1);
      }
    }
  });
});

test("nothing packs to nothing", () => {
  const packed = packGroups([]);
  expect(packed.tokens.length + packed.tiles.length + packed.keyTiles.length).toBe(0);
});
