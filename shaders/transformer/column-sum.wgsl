requires immediate_address_space;

// Gradient of a bias   out[i] += Σ_t x[t, i]
//   x   (T, N)  read
//   out (N)     added to
// One thread per column, in a fixed order.

struct Params { rows: u32, cols: u32 }
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(8)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let column = (group.x + group.y * groups.x) * 8u + lane;
  if (column >= params.cols) { return; }
  var sum = 0.0;
  for (var row = 0u; row < params.rows; row++) { sum += x[row * params.cols + column]; }
  out[column] += sum;
}
