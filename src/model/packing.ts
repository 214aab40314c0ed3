import {
  BACKWARD_QUERIES_PER_TILE,
  KEYS_PER_TILE,
  QUERIES_PER_TILE,
} from "../ops/transformer/attention.ts";

/** Words of a tile of queries, and of a tile of keys; the shaders name them. */
export const TILE_WORDS = 6;
export const KEY_TILE_WORDS = 3;

/** Sequences that begin alike: the prefix is computed once and seen by every member. */
export interface SequenceGroup {
  readonly prefix: readonly number[];
  readonly members: readonly (readonly number[])[];
}

/** Token rows of several groups, one after another: prefix, then its members. */
export interface Packed {
  readonly tokens: Uint32Array;
  /** Each token's position in its own sequence, prefix included. */
  readonly positions: Uint32Array;
  /** Tiles of the forward pass, six words each; see attention.wgsl. */
  readonly tiles: Uint32Array;
  /** Tiles of the backward pass over queries, the same words for fewer queries. */
  readonly backwardTiles: Uint32Array;
  /** Tiles of the backward pass over keys, three words each; see attention-backward-keys.wgsl. */
  readonly keyTiles: Uint32Array;
  /** starts[g][m]: the row of member m's first token. */
  readonly starts: readonly (readonly number[])[];
}

/** Rows that a group takes. */
export function packedLength({ prefix, members }: SequenceGroup): number {
  return members.reduce((sum, member) => sum + member.length, prefix.length);
}

/** Lays groups out for one forward and backward pass. */
export function packGroups(groups: readonly SequenceGroup[]): Packed {
  const length = groups.reduce((sum, group) => sum + packedLength(group), 0);
  const tokens = new Uint32Array(length);
  const positions = new Uint32Array(length);
  const tiles: number[] = [];
  const backwardTiles: number[] = [];
  const keyTiles: number[] = [];
  let row = 0;
  const place = (ids: readonly number[], prefixStart: number, prefixCount: number, end: number) => {
    const start = row;
    ids.forEach((id, i) => {
      tokens[start + i] = id;
      positions[start + i] = prefixCount + i;
    });
    row += ids.length;
    const common = [prefixStart, prefixCount, start] as const;
    pushQueryTiles(tiles, QUERIES_PER_TILE, start, ids.length, common);
    pushQueryTiles(backwardTiles, BACKWARD_QUERIES_PER_TILE, start, ids.length, common);
    for (let i = 0; i < ids.length; i += KEYS_PER_TILE) {
      keyTiles.push(start + i, Math.min(KEYS_PER_TILE, ids.length - i), end);
    }
    return start;
  };
  const starts = groups.map((group) => {
    const prefixStart = row;
    place(group.prefix, 0, 0, row + packedLength(group));
    return group.members.map((member) =>
      place(member, prefixStart, group.prefix.length, row + member.length),
    );
  });
  return {
    tokens,
    positions,
    tiles: Uint32Array.from(tiles),
    backwardTiles: Uint32Array.from(backwardTiles),
    keyTiles: Uint32Array.from(keyTiles),
    starts,
  };
}

/** Cuts queries [start, start + count) of one sequence into tiles; `before`: its keys before the first of them. */
export function pushQueryTiles(
  tiles: number[],
  size: number,
  start: number,
  count: number,
  [prefixStart, prefixCount, ownStart]: readonly [number, number, number],
  before = 0,
): void {
  for (let i = 0; i < count; i += size) {
    const queries = Math.min(size, count - i);
    tiles.push(start + i, queries, prefixStart, prefixCount, ownStart, before + i);
  }
}
