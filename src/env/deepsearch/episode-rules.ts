/** What an episode plays by, what it starts from, and what it leaves. */
import type { Retriever } from "../../retrieval/retriever.ts";
import type { DocumentFormat } from "./documents.ts";
import type { TurnReader } from "./protocol.ts";
import type { Question } from "./question.ts";
import type { Recognition } from "./recognition.ts";
import type { Reward, RewardOptions } from "./rewards.ts";
import type { Shaping } from "./shaping.ts";
import type { CountTokens } from "./token-count.ts";

/** What all episodes of a world have in common. */
export interface Rules {
  readonly retriever: Retriever;
  /** Absent: the retriever's ids are those of the questions. */
  readonly recognition?: Recognition | undefined;
  /** Told why a search failed. */
  onFailure?(reason: string): void;
  readonly topk: number;
  readonly documents: DocumentFormat;
  readonly reader: TurnReader;
  readonly strict: boolean;
  readonly invalid: "notice" | "empty" | "block" | "terminate";
  readonly reward: Reward;
  readonly rewardOptions: RewardOptions;
  readonly shaping: Shaping;
  readonly count: CountTokens;
  readonly maxObservationTokens: number;
  readonly maxContextTokens: number;
  /** A full context ends the episode. */
  readonly stopsWhenFull: boolean;
}

export interface Start {
  readonly task: string;
  readonly question: Question;
  /** The question as it is shown. */
  readonly opening: string;
  /** All that an agent reads first. */
  readonly prompt: string;
  readonly maxTurns: number;
}

/** A piece of the transcript; joined they are all of it. */
export interface Segment {
  readonly role: "prompt" | "model" | "env";
  readonly text: string;
  /** From 0; the prompt belongs to none. */
  readonly turn: number;
}

export type Termination =
  | ("answer" | "invalid" | "max_turns" | "context_full")
  /** The last turn opened an action and was cut off in it. */
  | "generation_truncated";

export const NO_HITS = "No passage was found.";
export const FAILED = "The search failed. Try another query, or answer.";
