requires immediate_address_space;

// Clipped surrogate of one token, with r = e^(log_prob − old), A = advantage of the token's step
//   gain   = min(r·A, clip(r, 1 − clip_low, 1 + clip_high)·A), for A < 0 not below dual_clip·A unless that is 0
//   policy = −gain
//   kl     = k1: −d   k2: d²/2   k3: min(e^d − d − 1, k3_limit)      d = reference − log_prob
//            for k3 past d = 20 its tangent there, e^20·(d − 19) − d − 1
//   loss   = Σ_t weight[t] · (policy + kl_coefficient·kl)
//   log_prob, old, reference (tokens) read     nats; `old` as stored when the token was sampled
//   step_of   (tokens)                read     the token's step; the token itself where each has its own advantage
//   advantage (steps, or tokens)      read     final advantage; constant for the gradient
//   weight    (tokens)                read     aggregation weight; 0 masks the token
//   gradient  (tokens)                write    dloss / dlog_prob
//   terms     (tokens, 6)             write    weighted policy loss, weighted KL loss, KL, clipped or not, r, |log r|
// One thread per token. log r is limited to ±log_ratio_limit, past which r is constant; a NaN passes through to the
// loss. Gradient and loss are finite where log_ratio_limit ≤ 80, |d| < 1e19, and A, weight and kl_coefficient are so
// small that their products with e^log_ratio_limit, e^20·d or d² are numbers of single precision.

struct Params {
  tokens: u32,
  clip_low: f32,
  clip_high: f32,
  dual_clip: f32,
  kl_coefficient: f32,
  kl_kind: u32,
  log_ratio_limit: f32,
  k3_limit: f32,
}
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> log_prob: array<f32>;
@group(0) @binding(1) var<storage, read> old: array<f32>;
@group(0) @binding(2) var<storage, read> reference: array<f32>;
@group(0) @binding(3) var<storage, read> step_of: array<u32>;
@group(0) @binding(4) var<storage, read> advantage: array<f32>;
@group(0) @binding(5) var<storage, read> weight: array<f32>;
@group(0) @binding(6) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(7) var<storage, read_write> terms: array<f32>;

const TERMS: u32 = 6u;
const LARGEST_EXPONENT: f32 = 20.0;
const SERIES_BELOW: f32 = 0.25;
const K1: u32 = 0u;
const K2: u32 = 1u;

// Comparisons rather than clamp, which may turn a NaN into a bound.
fn limited(difference: f32, limit: f32) -> f32 {
  let low = select(difference, -limit, difference < -limit);
  return select(low, limit, low > limit);
}

// k3 and its slope by log_prob, 1 − e^d. Near 0 both differences would be all rounding, and five terms of the series
// are exact.
fn k3_estimate(d: f32) -> vec2f {
  let held = select(d, LARGEST_EXPONENT, d > LARGEST_EXPONENT);
  let power = exp(held);
  let series = 0.5 * d * d * (1.0 + d / 3.0 * (1.0 + d / 4.0 * (1.0 + d / 5.0 * (1.0 + d / 6.0))));
  let far = vec2f(power * (1.0 + (d - held)) - d - 1.0, 1.0 - power);
  return select(far, vec2f(series, -(series + d)), abs(d) < SERIES_BELOW);
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let t = (group.x + group.y * groups.x) * 64u + lane;
  if (t >= params.tokens) { return; }
  let w = weight[t];
  let at = t * TERMS;
  if (w == 0.0) {
    gradient[t] = 0.0;
    for (var i = 0u; i < TERMS; i++) { terms[at + i] = 0.0; }
    return;
  }
  let a = advantage[step_of[t]];
  let log_ratio = log_prob[t] - old[t];
  let ratio = exp(limited(log_ratio, params.log_ratio_limit));
  let clipped_ratio = clamp(ratio, 1.0 - params.clip_low, 1.0 + params.clip_high);
  let free = ratio * a;
  let held = clipped_ratio * a;
  let floored = params.dual_clip > 0.0 && a < 0.0 && min(free, held) < params.dual_clip * a;
  let is_clipped = held < free || floored;
  let ratio_gradient = select(ratio, 0.0, is_clipped || abs(log_ratio) > params.log_ratio_limit);

  let d = reference[t] - log_prob[t];
  let k3 = k3_estimate(d);
  var kl = k3.x;
  var kl_gradient = k3.y;
  if (kl > params.k3_limit) { kl = params.k3_limit; kl_gradient = 0.0; }
  if (params.kl_kind == K1) { kl = -d; kl_gradient = 1.0; }
  if (params.kl_kind == K2) { kl = 0.5 * d * d; kl_gradient = -d; }

  gradient[t] = w * (params.kl_coefficient * kl_gradient - a * ratio_gradient);
  terms[at] = -w * select(select(free, held, held < free), params.dual_clip * a, floored);
  terms[at + 1u] = w * params.kl_coefficient * kl;
  terms[at + 2u] = kl;
  terms[at + 3u] = select(0.0, 1.0, is_clipped);
  terms[at + 4u] = ratio;
  terms[at + 5u] = abs(log_ratio);
}
