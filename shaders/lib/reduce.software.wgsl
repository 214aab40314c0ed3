// The same reductions for a workgroup that is one narrow subgroup: no barriers, no workgroup memory.
// The kernel declares LANES, equal to the subgroup size, and enables subgroups.

fn reduce_sum(value: f32, lane: u32) -> f32 { return subgroupAdd(value); }

fn reduce_max(value: f32, lane: u32) -> f32 { return subgroupMax(value); }

// The index that goes with the largest value; the smallest such index where values are equal.
fn reduce_argmax(value: f32, index: u32, lane: u32) -> u32 {
  let largest = subgroupMax(value);
  return subgroupMin(select(0xffffffffu, index, value == largest));
}
