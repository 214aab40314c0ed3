enable subgroups;
requires immediate_address_space;

// Gradient of RMS norm with respect to its input, with n = x·scale
//   x_grad[t] += scale[t] · (w·y_grad[t] − n[t] · mean(w·y_grad[t]·n[t]))
//   x, weight, scale  read     as in the forward pass
//   y_grad (T, D)     read
//   x_grad (T, D)     added to
// One workgroup per row.

struct Params { rows: u32, width: u32 }
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read> scale: array<f32>;
@group(0) @binding(3) var<storage, read> y_grad: array<f32>;
@group(0) @binding(4) var<storage, read_write> x_grad: array<f32>;

override LANES: u32 = 256u;

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = group.x + group.y * groups.x;
  if (row >= params.rows) { return; }
  let start = row * params.width;
  let row_scale = scale[row];
  var products = 0.0;
  for (var i = lane; i < params.width; i += LANES) {
    products += weight[i] * y_grad[start + i] * x[start + i];
  }
  let mean = reduce_sum(products, lane) * row_scale / f32(params.width);
  for (var i = lane; i < params.width; i += LANES) {
    let n = x[start + i] * row_scale;
    x_grad[start + i] += row_scale * (weight[i] * y_grad[start + i] - n * mean);
  }
}
