// Reductions over a workgroup of LANES threads, for wide subgroups: one subgroup operation, then one
// small step through workgroup memory. Every thread gets the result. The kernel declares LANES (a
// multiple of the largest subgroup) and calls these in uniform control flow only.

var<workgroup> reduce_scratch: array<f32, 256>;
var<workgroup> reduce_index_scratch: array<u32, 256>;

// A tree over workgroup memory in a fixed order, so that equal inputs give equal bits on every run.
fn reduce_sum(value: f32, lane: u32) -> f32 {
  reduce_scratch[lane] = value;
  workgroupBarrier();
  for (var stride = LANES / 2u; stride > 0u; stride /= 2u) {
    if (lane < stride) { reduce_scratch[lane] += reduce_scratch[lane + stride]; }
    workgroupBarrier();
  }
  let total = reduce_scratch[0];
  workgroupBarrier();
  return total;
}

fn reduce_max(value: f32, lane: u32) -> f32 {
  reduce_scratch[lane] = value;
  workgroupBarrier();
  for (var stride = LANES / 2u; stride > 0u; stride /= 2u) {
    if (lane < stride) { reduce_scratch[lane] = max(reduce_scratch[lane], reduce_scratch[lane + stride]); }
    workgroupBarrier();
  }
  let largest = reduce_scratch[0];
  workgroupBarrier();
  return largest;
}

// The index that goes with the largest value; the smallest such index where values are equal.
fn reduce_argmax(value: f32, index: u32, lane: u32) -> u32 {
  reduce_scratch[lane] = value;
  reduce_index_scratch[lane] = index;
  workgroupBarrier();
  for (var stride = LANES / 2u; stride > 0u; stride /= 2u) {
    if (lane < stride) {
      let other = reduce_scratch[lane + stride];
      let other_index = reduce_index_scratch[lane + stride];
      let mine = reduce_scratch[lane];
      if (other > mine || (other == mine && other_index < reduce_index_scratch[lane])) {
        reduce_scratch[lane] = other;
        reduce_index_scratch[lane] = other_index;
      }
    }
    workgroupBarrier();
  }
  let winner = reduce_index_scratch[0];
  workgroupBarrier();
  return winner;
}
