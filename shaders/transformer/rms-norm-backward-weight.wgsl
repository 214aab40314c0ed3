requires immediate_address_space;

// Gradient of RMS norm with respect to its weight   weight_grad[i] += Σ_t y_grad[t, i] · x[t, i] · scale[t]
//   x (T, D), scale (T), y_grad (T, D)  read
//   weight_grad (D)                     added to
// One thread per column: neighbours read neighbouring numbers, and the order of the sum is fixed.

struct Params { rows: u32, width: u32 }
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> scale: array<f32>;
@group(0) @binding(2) var<storage, read> y_grad: array<f32>;
@group(0) @binding(3) var<storage, read_write> weight_grad: array<f32>;

@compute @workgroup_size(8)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let column = (group.x + group.y * groups.x) * 8u + lane;
  if (column >= params.width) { return; }
  var sum = 0.0;
  for (var row = 0u; row < params.rows; row++) {
    let i = row * params.width + column;
    sum += y_grad[i] * x[i] * scale[row];
  }
  weight_grad[column] += sum;
}
