import type { Pass } from "../gpu/pass.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { attention } from "../ops/transformer/attention.ts";
import { embedding } from "../ops/transformer/embedding.ts";
import { rmsNorm } from "../ops/transformer/rms-norm.ts";
import { rope } from "../ops/transformer/rope.ts";
import { swiglu } from "../ops/transformer/swiglu.ts";
import type { Activations, LayerActivations } from "./activations.ts";
import { qkvWidth } from "./config.ts";
import type { Model } from "./model.ts";
import { type Packed, TILE_WORDS } from "./packing.ts";
import { project } from "./projection.ts";

/** Attends within one layer: fills `attended` and `lse` from `qkv`, with or without a cache. */
export type Attend = (pass: Pass, layer: number, activations: LayerActivations) => void;

/** tokens (rows) → output (rows, D), the residual stream after the last layer; the activations stay for backward. */
export function forward(
  pass: Pass,
  model: Model,
  activations: Activations,
  rows: number,
  attend: Attend,
): void {
  const { config, weights } = model;
  const { width } = config;
  const { tokens, layers, output } = activations;
  for (const { tensor, firstRow, rows: block } of weights.embedding) {
    const io = { table: tensor, tokens, out: layers[0]!.input };
    embedding(pass, io, { rows, width, first: firstRow, block });
  }
  layers.forEach((a, layer) => {
    const next = layers[layer + 1]?.input ?? output;
    layerForward(pass, model, activations, { layer, rows, next }, (p) => attend(p, layer, a));
  });
}

/** Computes a layer of a packed batch again from its input, bit for bit: its other activations were not kept. */
export function recomputeLayer(
  pass: Pass,
  model: Model,
  activations: Activations,
  layer: number,
  { tokens, tiles }: Packed,
): void {
  const a = activations.layers[layer]!;
  const next = activations.layers[layer + 1]?.input ?? activations.output;
  const place = { layer, rows: tokens.length, next };
  layerForward(pass, model, activations, place, (p) =>
    attendPacked(p, model, activations, a, tiles),
  );
}

function attendPacked(
  pass: Pass,
  model: Model,
  activations: Activations,
  { qkv, attended, lse }: LayerActivations,
  tiles: Uint32Array,
): void {
  const io = { qkv, tiles: activations.tiles, out: attended, lse };
  attention(pass, model.attention, io, tiles.length / TILE_WORDS);
}

/** `forward` over a packed batch without a cache: every sequence sees itself and its prefix. */
export function forwardPacked(
  pass: Pass,
  model: Model,
  activations: Activations,
  { tokens, tiles }: Packed,
): void {
  forward(pass, model, activations, tokens.length, (p, _, a) =>
    attendPacked(p, model, activations, a, tiles),
  );
}

function layerForward(
  pass: Pass,
  model: Model,
  { layers, positions, low }: Activations,
  { layer, rows, next }: { layer: number; rows: number; next: Tensor },
  attend: (pass: Pass) => void,
): void {
  const { config, weights, ropeTable } = model;
  const { width, innerWidth, heads, keyHeads, headDim, epsilon } = config;
  const call = { layer, rows };
  const w = weights.layers[layer]!;
  const a = layers[layer]!;
  const norm = { rows, width, epsilon };

  rmsNorm(pass, { x: a.input, weight: w.inputNorm, y: a.inputNormed, scale: a.inputScale }, norm);
  project(pass, model, { ...call, name: "qkv" }, { x: a.inputNormed, y: a.qkv, low });
  const turned = { rows, heads: heads + keyHeads, headDim, stride: qkvWidth(config) };
  rope(pass, { x: a.qkv, positions, table: ropeTable }, turned);
  attend(pass);
  pass.copy(a.input, a.middle, { length: rows * width });
  const output = { x: a.attended, y: a.middle, low };
  project(pass, model, { ...call, name: "output", accumulate: true }, output);

  const io = { x: a.middle, weight: w.attentionNorm, y: a.middleNormed, scale: a.middleScale };
  rmsNorm(pass, io, norm);
  project(pass, model, { ...call, name: "gateUp" }, { x: a.middleNormed, y: a.gateUp, low });
  swiglu(pass, { gateUp: a.gateUp, y: a.inner }, { rows, width: innerWidth });
  pass.copy(a.middle, next, { length: rows * width });
  project(pass, model, { ...call, name: "down", accumulate: true }, { x: a.inner, y: next, low });
}
