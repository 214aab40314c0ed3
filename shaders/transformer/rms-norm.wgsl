enable subgroups;
requires immediate_address_space;

// RMS norm   y[t] = x[t] · scale[t] · weight,   scale[t] = 1 / √(mean x[t]² + epsilon)
//   x      (T, D)  read
//   weight (D)     read
//   y      (T, D)  write
//   scale  (T)     write    kept for the backward pass
// One workgroup per row.

struct Params { rows: u32, width: u32, epsilon: f32 }
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> scale: array<f32>;

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
  var squares = 0.0;
  for (var i = lane; i < params.width; i += LANES) {
    let value = x[start + i];
    squares += value * value;
  }
  let row_scale = 1.0 / sqrt(reduce_sum(squares, lane) / f32(params.width) + params.epsilon);
  for (var i = lane; i < params.width; i += LANES) {
    y[start + i] = x[start + i] * row_scale * weight[i];
  }
  if (lane == 0u) { scale[row] = row_scale; }
}
