requires immediate_address_space;

// Token embedding   out[t] = table[tokens[t]]
//   table  (V, D)  read
//   tokens (T)     read
//   out    (T, D)  write
// One thread per number.

struct Params { rows: u32, width: u32 }
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> table: array<f32>;
@group(0) @binding(1) var<storage, read> tokens: array<u32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = (group.x + group.y * groups.x) * 64u + lane;
  if (i >= params.rows * params.width) { return; }
  let row = i / params.width;
  out[i] = table[tokens[row] * params.width + i - row * params.width];
}
