requires immediate_address_space;

// The textbook matrix product   y = x · wᵀ   16 × 16 tiles through workgroup memory, one result per thread
//   x (rows, inner), w (cols, inner) read
//   y (rows, cols)                   write
// For comparison with empg's own; all three sizes are multiples of 16.

struct Params { rows: u32, cols: u32, inner: u32 }
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

const TILE: u32 = 16u;
var<workgroup> x_tile: array<f32, 256>;
var<workgroup> w_tile: array<f32, 256>;

@compute @workgroup_size(16, 16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) thread: vec3u) {
  let row = group.y * TILE + thread.y;
  let col = group.x * TILE + thread.x;
  let at = thread.y * TILE + thread.x;
  var sum = 0.0;
  for (var start = 0u; start < params.inner; start += TILE) {
    x_tile[at] = x[row * params.inner + start + thread.x];
    w_tile[at] = w[(group.x * TILE + thread.y) * params.inner + start + thread.x];
    workgroupBarrier();
    for (var k = 0u; k < TILE; k++) {
      sum += x_tile[thread.y * TILE + k] * w_tile[thread.x * TILE + k];
    }
    workgroupBarrier();
  }
  y[row * params.cols + col] = sum;
}
