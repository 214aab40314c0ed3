requires immediate_address_space;

// Selected rows   out[i] = x[rows[i]]
//   x    (T, D)  read
//   rows (n)     read
//   out  (n, D)  write
// One thread per number.

struct Params { count: u32, width: u32 }
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> rows: array<u32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = (group.x + group.y * groups.x) * 64u + lane;
  if (i >= params.count * params.width) { return; }
  let row = i / params.width;
  out[i] = x[rows[row] * params.width + i - row * params.width];
}
