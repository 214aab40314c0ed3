import type { AgentFormat } from "../env.ts";
export const compact = {} as AgentFormat;
export const text = {} as AgentFormat;
