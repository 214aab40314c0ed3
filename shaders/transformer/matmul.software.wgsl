enable subgroups;
requires immediate_address_space;

// Matrix product   y[m, n] (+)= scale · Σ_k a[m, k] · b[k, n] (+ bias[n])
//   a, b  read     with any strides, so that one kernel serves x·Wᵀ, dy·W and dyᵀ·x
//   bias  (cols)   read     where `use_bias` is 1
//   y     (rows, cols)      written, or added to where `accumulate` is 1
// a and y are windows: of rows a_row and y_row apart, from a_at and y_at on. b may be in half precision.
// For narrow software adapters, where loading a number costs as much as a dozen multiplications: one
// subgroup owns ROWS × (COLS · LANES) results in registers. Lanes own different columns. Of a, each lane
// loads one of four neighbouring k and the subgroup passes it round; each result is assigned once per
// four k, since an assignment is a masked store. k always runs in the same groups of four, so a row's
// bits do not depend on how many rows there are.

alias Weight = f32;
const ROWS: u32 = 16u;
const COLS: u32 = 4u;

struct Params {
  rows: u32, cols: u32, inner: u32, a_at: u32, a_row: u32, a_inner: u32, b_inner: u32, b_col: u32,
  y_at: u32, y_row: u32, scale: f32, use_bias: u32, accumulate: u32,
}
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<Weight>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

override LANES: u32 = 4u;
const RESULTS: u32 = ROWS * COLS;

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let first_row = group.y * ROWS;
  let first_col = group.x * COLS * LANES + lane;
  var sum: array<f32, RESULTS>;
  var at_b: array<u32, COLS>;
  for (var c = 0u; c < COLS; c++) { // unroll
    at_b[c] = min(first_col + c * LANES, params.cols - 1u) * params.b_col;
  }
  var at_a: array<u32, ROWS>;
  for (var r = 0u; r < ROWS; r++) { // unroll
    let row = min(first_row + r, params.rows - 1u);
    at_a[r] = params.a_at + row * params.a_row + (lane % 4u) * params.a_inner;
  }

  let whole = params.inner & 0xfffffffcu;
  for (var k = 0u; k < whole; k += 4u) {
    var column: array<vec4f, COLS>;
    for (var c = 0u; c < COLS; c++) { // unroll
      let at = at_b[c] + k * params.b_inner;
      column[c] = vec4f(
        f32(b[at]), f32(b[at + params.b_inner]),
        f32(b[at + 2u * params.b_inner]), f32(b[at + 3u * params.b_inner]),
      );
    }
    for (var r = 0u; r < ROWS; r++) { // unroll
      let mine = a[at_a[r] + k * params.a_inner];
      let row = vec4f(
        subgroupBroadcast(mine, 0u), subgroupBroadcast(mine, 1u),
        subgroupBroadcast(mine, 2u), subgroupBroadcast(mine, 3u),
      );
      for (var c = 0u; c < COLS; c++) { // unroll
        sum[r * COLS + c] += dot(row, column[c]);
      }
    }
  }
  for (var k = whole; k < params.inner; k++) {
    for (var r = 0u; r < ROWS; r++) { // unroll
      let row = min(first_row + r, params.rows - 1u);
      let value = a[params.a_at + row * params.a_row + k * params.a_inner];
      for (var c = 0u; c < COLS; c++) { // unroll
        sum[r * COLS + c] += value * f32(b[at_b[c] + k * params.b_inner]);
      }
    }
  }

  for (var c = 0u; c < COLS; c++) { // unroll
    let col = first_col + c * LANES;
    if (col < params.cols) {
      var offset = 0.0;
      if (params.use_bias == 1u) { offset = bias[col]; }
      for (var r = 0u; r < ROWS; r++) { // unroll
        let at = params.y_at + (first_row + r) * params.y_row + col;
        let value = params.scale * sum[r * COLS + c] + offset;
        if (first_row + r < params.rows) {
          if (params.accumulate == 1u) {
            y[at] += value;
          } else {
            y[at] = value;
          }
        }
      }
    }
  }
}
