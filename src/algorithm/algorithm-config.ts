/** `[algorithm]`: the base method by name, and that method's own options. */

import { z } from "zod";
import { GrpoConfig } from "./grpo-config.ts";

export const AlgorithmConfig = z.discriminatedUnion("method", [GrpoConfig]);
export type AlgorithmConfig = z.output<typeof AlgorithmConfig>;

/** The method of a configuration that names none. */
export const DEFAULT_METHOD = "grpo";
