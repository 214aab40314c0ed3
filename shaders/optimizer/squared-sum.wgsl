enable subgroups;
requires immediate_address_space;

// Sums of squares, block by block   partial[b] = Σ x[i]²   over the numbers of block b
//   x       (n)       read
//   partial (blocks)  write from `first` on
// A second pass adds the partial sums, so that the order of additions is always the same.
// One workgroup per block.

struct Params { count: u32, block: u32, first: u32, blocks: u32 }
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> partial: array<f32>;

override LANES: u32 = 256u;

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = group.x + group.y * groups.x;
  let start = index * params.block;
  if (index >= params.blocks) { return; }
  let end = min(start + params.block, params.count);
  var sum = 0.0;
  for (var i = start + lane; i < end; i += LANES) { sum += x[i] * x[i]; }
  let total = reduce_sum(sum, lane);
  if (lane == 0u) { partial[params.first + index] = total; }
}
