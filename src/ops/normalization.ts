import centerSource from "../../shaders/normalization/center.wgsl" with { type: "text" };
import minMaxSource from "../../shaders/normalization/min-max.wgsl" with { type: "text" };
import robustSource from "../../shaders/normalization/robust.wgsl" with { type: "text" };
import zScoreSource from "../../shaders/normalization/z-score.wgsl" with { type: "text" };
import { defineKernel } from "../gpu/kernel.ts";
import type { Pass } from "../gpu/pass.ts";
import { rowForms } from "../gpu/row-kernel.ts";
import type { Tensor } from "../gpu/tensor.ts";

const declaration = {
  buffers: { entropy: "read", scope_offsets: "read", normalized: "write" },
  params: { scopes: "u32", eps: "f32" },
} as const;

export const minMaxKernel = defineKernel({
  name: "min-max",
  ...declaration,
  ...rowForms(minMaxSource, "scopes"),
});

export const zScoreKernel = defineKernel({
  name: "z-score",
  ...declaration,
  ...rowForms(zScoreSource, "scopes"),
});

export const robustKernel = defineKernel({
  name: "robust",
  ...declaration,
  ...rowForms(robustSource, "scopes"),
});

export const centerKernel = defineKernel({
  name: "center",
  buffers: { clarity: "read", share: "read", scope_offsets: "read", advantage: "read_write" },
  params: { scopes: "u32", mode: "u32", zeta: "f32" },
  ...rowForms(centerSource, "scopes"),
});

const NORMALIZERS = { "min-max": minMaxKernel, "z-score": zScoreKernel, robust: robustKernel };

/** How step entropies become comparable. */
export type NormalizationMode = keyof typeof NORMALIZERS;
export const NORMALIZATION_MODES = Object.keys(NORMALIZERS) as NormalizationMode[];

/**
 * normalized (S) = h of entropy (S, nats; negative where a step is empty, whose h is 0). The statistics of
 * scope i run over the non-empty ones of steps scopeOffsets[i] … scopeOffsets[i + 1] − 1.
 */
export function normalize(
  pass: Pass,
  io: { entropy: Tensor; scopeOffsets: Tensor; normalized: Tensor },
  { scopes, mode, eps }: { scopes: number; mode: NormalizationMode; eps: number },
): void {
  const { entropy, scopeOffsets, normalized } = io;
  const buffers = { entropy, scope_offsets: scopeOffsets, normalized };
  pass.run(NORMALIZERS[mode], buffers, { scopes, eps });
}

/** Which mean is taken from the modulated advantages, and from which steps; `none` takes nothing. */
export const CENTER_MODES = ["all", "bonus", "trajectory", "none"] as const;
export type CenterMode = (typeof CENTER_MODES)[number];

/**
 * advantage (S) of each scope is shifted, in place: `all` by its mean over steps, `trajectory` by the mean
 * over trajectories of their own means, `bonus` by the mean of zeta · clarity over the steps that have a
 * clarity, and those alone. clarity and share (S) as `modulate` writes them.
 */
export function center(
  pass: Pass,
  io: { clarity: Tensor; share: Tensor; scopeOffsets: Tensor; advantage: Tensor },
  { scopes, mode, zeta }: { scopes: number; mode: CenterMode; zeta: number },
): void {
  if (mode === "none") return;
  const { clarity, share, scopeOffsets, advantage } = io;
  const buffers = { clarity, share, scope_offsets: scopeOffsets, advantage };
  pass.run(centerKernel, buffers, { scopes, mode: CENTER_MODES.indexOf(mode), zeta });
}
