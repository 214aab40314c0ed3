enable subgroups;
requires immediate_address_space;

// What is logged of a surrogate's tokens
//   terms  (tokens, 6)  read    of clipped-surrogate
//   weight (tokens)     read    tokens of weight 0 do not count
//   entropy (tokens)    read    nats, under the policy that is trained
//   result (10)         added to: policy loss, KL loss, Σ KL, clipped tokens, tokens, and tokens with a loss or
//                       log r that is not finite;
//                       the largest r and the largest |log r| are kept;
//                       added to: Σ r − 1 − log r, the KL from the policy that sampled (k3);
//                       the entropy's part of the loss, −entropy_coefficient · Σ weight·entropy
// One workgroup, in a fixed order. The caller zeroes `result` before an update's first micro-batch.

struct Params { tokens: u32, entropy_coefficient: f32 }
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> terms: array<f32>;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read> entropy: array<f32>;
@group(0) @binding(3) var<storage, read_write> result: array<f32>;

override LANES: u32 = 256u;
const TERMS: u32 = 6u;

// Bits, since a compiler may assume that comparisons never see NaN.
fn is_finite(value: f32) -> bool { return (bitcast<u32>(value) & 0x7f800000u) != 0x7f800000u; }

// e^d − d − 1 with d = log r. Near 0 that difference would be all rounding, and five terms of its series are exact.
fn k3_of_ratio(ratio: f32, gap: f32) -> f32 {
  let d = select(-gap, gap, ratio > 1.0);
  let series = 0.5 * d * d * (1.0 + d / 3.0 * (1.0 + d / 4.0 * (1.0 + d / 5.0 * (1.0 + d / 6.0))));
  return select(ratio - d - 1.0, series, gap < 0.25);
}

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
  var policy = 0.0;
  var kl_loss = 0.0;
  var kl = 0.0;
  var clipped = 0.0;
  var count = 0.0;
  var broken = 0.0;
  var ratio = 0.0;
  var gap = 0.0;
  var bonus = 0.0;
  var moved = 0.0;
  for (var t = lane; t < params.tokens; t += LANES) {
    let at = t * TERMS;
    let counts = weight[t] != 0.0;
    // |log r| too, since exp may have turned a NaN into a number.
    let finite = is_finite(terms[at]) && is_finite(terms[at + 1u]) && is_finite(terms[at + 5u]);
    count += select(0.0, 1.0, counts);
    broken += select(1.0, 0.0, finite);
    policy += terms[at];
    kl_loss += terms[at + 1u];
    kl += terms[at + 2u];
    clipped += terms[at + 3u];
    ratio = max(ratio, terms[at + 4u]);
    gap = max(gap, terms[at + 5u]);
    bonus += select(0.0, weight[t] * entropy[t], counts);
    moved += select(0.0, k3_of_ratio(terms[at + 4u], terms[at + 5u]), counts);
  }
  let sums = array<f32, 8>(
    reduce_sum(policy, lane), reduce_sum(kl_loss, lane), reduce_sum(kl, lane),
    reduce_sum(clipped, lane), reduce_sum(count, lane), reduce_sum(broken, lane),
    reduce_sum(moved, lane), reduce_sum(bonus, lane),
  );
  let largest_ratio = reduce_max(ratio, lane);
  let largest_gap = reduce_max(gap, lane);
  if (lane == 0u) {
    result[0] += sums[0];
    result[1] += sums[1];
    result[2] += sums[2];
    result[3] += sums[3];
    result[4] += sums[4];
    result[5] += sums[5];
    result[6] = max(result[6], largest_ratio);
    result[7] = max(result[7], largest_gap);
    result[8] += sums[6];
    result[9] -= params.entropy_coefficient * sums[7];
  }
}
