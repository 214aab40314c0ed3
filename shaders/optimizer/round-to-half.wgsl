enable f16;
requires immediate_address_space;

// Weights in half precision, rounded from the single-precision ones that the optimizer moves   half[i] = f16(single[i])
//   single (n)  read
//   half   (n)  write
// One thread per number.

struct Params { count: u32 }
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> single: array<f32>;
@group(0) @binding(1) var<storage, read_write> half: array<f16>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = (group.x + group.y * groups.x) * 64u + lane;
  if (i >= params.count) { return; }
  half[i] = f16(single[i]);
}
