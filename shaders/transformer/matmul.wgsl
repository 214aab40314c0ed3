requires immediate_address_space;

// Matrix product   y[m, n] (+)= scale · Σ_k a[m, k] · b[k, n] (+ bias[n])
//   a, b  read     with any strides, so that one kernel serves x·Wᵀ, dy·W and dyᵀ·x
//   bias  (cols)   read     where `use_bias` is 1
//   y     (rows, cols)      written, or added to where `accumulate` is 1
// a and y are windows: of rows a_row and y_row apart, from a_at and y_at on. b may be in half precision.
// A workgroup of 16 × 16 threads owns a 64 × 64 block of results, each thread 4 × 4 of them in registers;
// slabs of 16 k pass through workgroup memory, so a number is fetched once per 64 uses.

alias Weight = f32;
struct Params {
  rows: u32, cols: u32, inner: u32, a_at: u32, a_row: u32, a_inner: u32, b_inner: u32, b_col: u32,
  y_at: u32, y_row: u32, scale: f32, use_bias: u32, accumulate: u32,
}
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<Weight>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

const BLOCK: u32 = 64u;
const SLAB: u32 = 16u;
// A row more than needed spreads a column over the memory banks.
const PITCH: u32 = 65u;

var<workgroup> a_slab: array<f32, 1040>;
var<workgroup> b_slab: array<f32, 1040>;

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let first_row = group.y * BLOCK;
  let first_col = group.x * BLOCK;
  let my_row = (thread / 16u) * 4u;
  let my_col = (thread % 16u) * 4u;
  // Neighbouring threads fetch along the axis on which the matrix is contiguous.
  let a_by_inner = params.a_inner == 1u;
  let b_by_inner = params.b_inner == 1u;
  var sum: array<vec4f, 4>;

  for (var slab = 0u; slab < params.inner; slab += SLAB) {
    for (var i = thread; i < BLOCK * SLAB; i += 256u) {
      let a_k = select(i / BLOCK, i % SLAB, a_by_inner);
      let a_m = select(i % BLOCK, i / SLAB, a_by_inner);
      let row = first_row + a_m;
      var value = 0.0;
      if (row < params.rows && slab + a_k < params.inner) {
        value = a[params.a_at + row * params.a_row + (slab + a_k) * params.a_inner];
      }
      a_slab[a_k * PITCH + a_m] = value;
      let b_k = select(i / BLOCK, i % SLAB, b_by_inner);
      let b_n = select(i % BLOCK, i / SLAB, b_by_inner);
      let col = first_col + b_n;
      value = 0.0;
      if (col < params.cols && slab + b_k < params.inner) {
        value = f32(b[(slab + b_k) * params.b_inner + col * params.b_col]);
      }
      b_slab[b_k * PITCH + b_n] = value;
    }
    workgroupBarrier();
    for (var k = 0u; k < SLAB; k++) {
      let at = k * PITCH + my_col;
      let columns = vec4f(b_slab[at], b_slab[at + 1u], b_slab[at + 2u], b_slab[at + 3u]);
      for (var r = 0u; r < 4u; r++) {
        sum[r] += a_slab[k * PITCH + my_row + r] * columns;
      }
    }
    workgroupBarrier();
  }

  for (var r = 0u; r < 4u; r++) {
    for (var c = 0u; c < 4u; c++) {
      let row = first_row + my_row + r;
      let col = first_col + my_col + c;
      if (row < params.rows && col < params.cols) {
        var value = params.scale * sum[r][c];
        if (params.use_bias == 1u) { value += bias[col]; }
        let at = params.y_at + row * params.y_row + col;
        if (params.accumulate == 1u) { y[at] += value; } else { y[at] = value; }
      }
    }
  }
}
