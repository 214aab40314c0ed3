enable subgroups;
requires immediate_address_space;

// Robust normalization   h = clamp((H − P5) / (P95 − P5 + eps), 0, 1)   over the steps of a scope
//   entropy       (steps)       read    H, negative where a step is empty: out of the statistics, h = 0
//   scope_offsets (scopes + 1)  read    scope i owns steps scope_offsets[i] … scope_offsets[i + 1] − 1
//   normalized    (steps)       write   h
// The q-quantile of x_0 ≤ … ≤ x_(n−1) lies at position q·(n − 1), interpolated linearly (numpy's default).
// One workgroup per scope. Entropies are not negative, so their bits are ordered as they are: bisecting
// the bits and counting finds both order statistics exactly, without sorting, in 31 passes.

struct Params { scopes: u32, eps: f32 }
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> entropy: array<f32>;
@group(0) @binding(1) var<storage, read> scope_offsets: array<u32>;
@group(0) @binding(2) var<storage, read_write> normalized: array<f32>;

const LARGEST: f32 = 3.4028234e38;
const BISECTIONS: u32 = 31u;
const LARGEST_BITS: u32 = 0x7f7fffffu;
override LANES: u32 = 256u;

// The bits of an entropy, without the sign that a zero may carry.
fn bits(value: f32) -> u32 { return bitcast<u32>(value) & 0x7fffffffu; }

// How many entropies are at most each of two bounds.
fn at_most(begin: u32, end: u32, lane: u32, bounds: vec2u) -> vec2f {
  var count = vec2(0.0);
  for (var s = begin + lane; s < end; s += LANES) {
    let value = entropy[s];
    if (value < 0.0) { continue; }
    count += select(vec2(0.0), vec2(1.0), vec2(bits(value)) <= bounds);
  }
  return vec2(reduce_sum(count.x, lane), reduce_sum(count.y, lane));
}

// The order statistics one rank above those whose bits and ranks are given: an equal one, or the next larger.
fn order_above(begin: u32, end: u32, lane: u32, found: vec2u, rank: vec2u) -> vec2f {
  var next = vec2(LARGEST);
  for (var s = begin + lane; s < end; s += LANES) {
    let value = entropy[s];
    if (value < 0.0) { continue; }
    next = select(next, min(next, vec2(value)), vec2(bits(value)) > found);
  }
  let larger = -vec2(reduce_max(-next.x, lane), reduce_max(-next.y, lane));
  let repeated = at_most(begin, end, lane, found) > vec2f(rank + 1u);
  return select(larger, bitcast<vec2f>(found), repeated);
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let scope = group.x + group.y * groups.x;
  if (scope >= params.scopes) { return; }
  let begin = scope_offsets[scope];
  let end = scope_offsets[scope + 1u];

  let count = at_most(begin, end, lane, vec2(LARGEST_BITS)).x;
  let last = u32(max(count, 1.0)) - 1u;
  let rank = vec2(last / 20u, last * 19u / 20u);
  let fraction = vec2f(vec2(last % 20u, last * 19u % 20u)) / 20.0;

  var low = vec2(0u);
  var high = vec2(LARGEST_BITS);
  for (var i = 0u; i < BISECTIONS; i++) {
    let middle = (low + high) / 2u;
    let enough = at_most(begin, end, lane, middle) > vec2f(rank);
    high = select(high, middle, enough);
    low = select(middle + 1u, low, enough);
  }
  let below = bitcast<vec2f>(high);
  let above = order_above(begin, end, lane, high, rank);
  // Everything is measured from an order statistic: quantiles of large entropies that lie close together would
  // lose their difference to rounding, while differences of neighbouring numbers are exact.
  let offset = select(fraction * (above - below), vec2(0.0), fraction == vec2(0.0));
  let range = (below.y - below.x) + (offset.y - offset.x) + params.eps;

  for (var s = begin + lane; s < end; s += LANES) {
    let value = entropy[s];
    normalized[s] = select(clamp((value - below.x - offset.x) / range, 0.0, 1.0), 0.0, value < 0.0);
  }
}
