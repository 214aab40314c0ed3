import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { findFolders } from "../../../src/env/alfworld/folders.ts";
import { Alfworld } from "../../../src/env/alfworld/world.ts";
import { replay } from "../../../src/env/replay.ts";
import { DATA, HAS_DATA, readShared } from "./data.ts";

interface Transcript {
  readonly game: string;
  readonly variant: string;
  readonly kind: string;
  readonly initial: { readonly obs: string; readonly admissible: readonly string[] };
  readonly steps: readonly {
    readonly cmd: string;
    readonly obs: string;
    readonly score: number;
    readonly won: boolean;
    readonly n_admissible: number;
    readonly admissible_sha1: string;
    readonly admissible?: readonly string[];
  }[];
}

describe.skipIf(!HAS_DATA)("recordings of the original engine", () => {
  const { transcripts } = HAS_DATA
    ? readShared<{ transcripts: readonly Transcript[] }>("transcripts.json")
    : { transcripts: [] };
  const released = HAS_DATA ? new Alfworld({ data: DATA }) : undefined;
  const old = HAS_DATA ? new Alfworld({ data: join(DATA, "old-2.1.1-sample.tar.gz") }) : undefined;

  test("there are five, of four kinds and both releases", () => {
    expect(transcripts.length).toBe(5);
    expect(new Set(transcripts.map(({ kind }) => kind)).size).toBe(4);
    expect(transcripts.filter(({ variant }) => variant === "2.1.1").length).toBe(1);
  });

  test.each(transcripts.map((one) => [one.kind, one.variant, one] as const))(
    "%s, release %s: every observation, admissible list, score and end",
    async (_kind, variant, { game, initial, steps }) => {
      const world = (variant === "2.1.1" ? old : released) as Alfworld;
      const actions = steps.map(({ cmd }) => cmd);
      const { opening, transcript, success } = await replay(world, game, actions, 0);
      expect(opening).toEqual({ observation: initial.obs, admissible: initial.admissible });
      expect(transcript.length).toBe(steps.length);
      expect(success).toBe(steps.some(({ won }) => won));
      for (const [i, { observation, reward, done, admissible }] of transcript.entries()) {
        const { obs, score, won, n_admissible, admissible_sha1, ...step } = steps[i]!;
        const sha1 = createHash("sha1").update(admissible.join("\n")).digest("hex");
        expect({
          observation,
          score: reward,
          won: done,
          admissible: admissible.length,
          sha1,
        }).toEqual({
          ...{ observation: obs, score, won, admissible: n_admissible, sha1: admissible_sha1 },
        });
        if (step.admissible) expect(admissible).toEqual(step.admissible);
      }
    },
  );

  test("the expert speaks the old release's words, too", () => {
    const folders = [...findFolders(join(DATA, "old-2.1.1-sample.tar.gz")).keys()];
    expect(folders.length).toBe(12);
    for (const id of folders) {
      const episode = (old as Alfworld).start(id, 0, 50);
      const expert = (old as Alfworld).expert(episode);
      for (;;) {
        const { end, success } = episode.step(expert.next());
        if (end === null) continue;
        expect(success).toBe(true);
        break;
      }
    }
  });

  test("the old release says put and arrives at numbered places, and has no help", () => {
    const game = transcripts.find(({ variant }) => variant === "2.1.1")?.game as string;
    const episode = (old as Alfworld).start(game, 0);
    expect(episode.step("help").valid).toBe(false);
    expect(episode.step("go to drawer 6").observation).toStartWith(
      "You arrive at loc 28. The drawer 6",
    );
  });
});
