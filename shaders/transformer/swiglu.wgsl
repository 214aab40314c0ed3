requires immediate_address_space;

// SwiGLU   y[t, i] = silu(gate)·up,   silu(a) = a / (1 + e^−a)
//   gate_up (T, 2·F)  read    gates, then ups, of one row side by side
//   y       (T, F)    write
// One thread per number.

struct Params { rows: u32, width: u32 }
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> gate_up: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = (group.x + group.y * groups.x) * 64u + lane;
  if (i >= params.rows * params.width) { return; }
  let at = i + (i / params.width) * params.width;
  let gate = gate_up[at];
  y[i] = gate / (1.0 + exp(-gate)) * gate_up[at + params.width];
}
