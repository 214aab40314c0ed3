requires immediate_address_space;

// Gradient of SwiGLU, with σ = 1 / (1 + e^−gate)
//   gate_grad = y_grad · up · σ·(1 + gate·(1 − σ))
//   up_grad   = y_grad · gate·σ
//   gate_up (T, 2·F)  read and write    replaced by its gradient
//   y_grad  (T, F)    read
// One thread per pair.

struct Params { rows: u32, width: u32 }
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> y_grad: array<f32>;
@group(0) @binding(1) var<storage, read_write> gate_up: array<f32>;

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
  let up = gate_up[at + params.width];
  let sigma = 1.0 / (1.0 + exp(-gate));
  let dy = y_grad[i];
  gate_up[at] = dy * up * sigma * (1.0 + gate * (1.0 - sigma));
  gate_up[at + params.width] = dy * gate * sigma;
}
