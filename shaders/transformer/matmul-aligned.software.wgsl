enable subgroups;
requires immediate_address_space;

// Matrix product   y[m, n] (+)= scale · Σ_k a[m, k] · b[k, n] (+ bias[n])      of matrices that lie in fours
//   a     read     four neighbouring k of a row (A_BY_INNER), else four neighbouring rows at one k
//   b     read     four neighbouring k of a column (B_BY_INNER), else four neighbouring columns at one k
//   bias  (cols)   read     where `use_bias` is 1
//   y     (rows, cols)      written, or added to where `accumulate` is 1
// a and y are windows: of rows a_row and y_row apart, from a_at and y_at on. All of these are multiples
// of four, and so are `cols`, `inner` where a or b lies along it, and `rows` where a does not.
// b may be in half precision: then `Weight` is f16.
//
// A narrow software adapter costs what its instructions cost: 14 to load a float for one lane, 13 to
// broadcast one, 3 to multiply and add for all lanes; and past about 5000 in a loop the processor's
// instruction cache overflows. So a quad of lanes owns ROWS × 16 results in registers. Each lane loads
// four columns of b and a quarter of the rows of a, and the lanes then exchange rows instead of
// broadcasting values: at turn t lane l multiplies the rows of lane l ^ t, one shuffle a float. All lanes
// hold different rows, which only the address of the result needs to know.
// k always runs in the same groups of four, so a row's bits do not depend on how many rows there are.

alias Weight = f32;
const ROWS: u32 = 16u;
const FOURS: u32 = ROWS / 4u;
override A_BY_INNER: bool = true;
override B_BY_INNER: bool = true;

struct Params {
  rows: u32, cols: u32, inner: u32, a_at: u32, a_row: u32, a_inner: u32, b_inner: u32, b_col: u32,
  y_at: u32, y_row: u32, scale: f32, use_bias: u32, accumulate: u32,
}
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<vec4<Weight>>;
@group(0) @binding(2) var<storage, read> bias: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(4)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let first_row = group.y * ROWS;
  let col = group.x * 16u + lane * 4u;
  // Past an edge a lane repeats the last four, and writes nothing.
  let safe_col = min(col, params.cols - 4u);
  var at_b = safe_col / 4u;
  if (B_BY_INNER) { at_b = safe_col * params.b_col / 4u; }
  let b_stride = select(params.b_inner, params.b_col, B_BY_INNER) / 4u;

  // Lane l holds rows l, l + 4, … of the block; where a lies across k, rows 4 l … 4 l + 3 (ROWS is 16).
  var at_a: array<u32, FOURS>;
  for (var r = 0u; r < FOURS; r++) { // unroll
    at_a[r] = (params.a_at + min(first_row + 4u * r + lane, params.rows - 1u) * params.a_row) / 4u;
  }
  if (!A_BY_INNER) {
    at_a[0] = (params.a_at + min(first_row + 4u * lane, params.rows - 4u)) / 4u;
  }
  let a_stride = params.a_inner / 4u;

  var sum: array<vec4f, ROWS>;
  for (var k = 0u; k < params.inner; k += 4u) {
    var mine: array<vec4f, FOURS>; // rows of a, four k each
    if (A_BY_INNER) {
      for (var r = 0u; r < FOURS; r++) { // unroll
        mine[r] = a[at_a[r] + k / 4u];
      }
    } else {
      let turned = transpose(mat4x4f(
        row_of_a(at_a[0], k, a_stride), row_of_a(at_a[0], k + 1u, a_stride),
        row_of_a(at_a[0], k + 2u, a_stride), row_of_a(at_a[0], k + 3u, a_stride),
      ));
      for (var r = 0u; r < FOURS; r++) { // unroll
        mine[r] = turned[r];
      }
    }

    var block: mat4x4f; // of b: a column for each k, a row for each of the lane's columns
    if (B_BY_INNER) {
      let at = at_b + k / 4u;
      block = transpose(mat4x4f(
        vec4f(b[at]), vec4f(b[at + b_stride]),
        vec4f(b[at + 2u * b_stride]), vec4f(b[at + 3u * b_stride]),
      ));
    } else {
      let last = params.inner - 1u;
      block = mat4x4f(
        vec4f(b[at_b + k * b_stride]), vec4f(b[at_b + min(k + 1u, last) * b_stride]),
        vec4f(b[at_b + min(k + 2u, last) * b_stride]),
        vec4f(b[at_b + min(k + 3u, last) * b_stride]),
      );
    }

    for (var r = 0u; r < FOURS; r++) { // unroll
      sum[4u * r] += block * mine[r];
      sum[4u * r + 1u] += block * quadSwapX(mine[r]);
      sum[4u * r + 2u] += block * quadSwapY(mine[r]);
      sum[4u * r + 3u] += block * quadSwapDiagonal(mine[r]);
    }
  }

  for (var r = 0u; r < FOURS; r++) { // unroll
    for (var turn = 0u; turn < 4u; turn++) { // unroll
      let from_lane = lane ^ turn;
      let row = first_row + select(4u * from_lane + r, 4u * r + from_lane, A_BY_INNER);
      store(row, col, sum[4u * r + turn]);
    }
  }
}

/** Four rows of a at one k; nothing past the last, so that any `inner` may be summed in fours. */
fn row_of_a(at: u32, k: u32, stride: u32) -> vec4f {
  return select(vec4f(), a[at + min(k, params.inner - 1u) * stride], k < params.inner);
}

/** Four neighbouring results of one row. */
fn store(row: u32, col: u32, sum: vec4f) {
  if (row < params.rows && col < params.cols) {
    let at = (params.y_at + row * params.y_row + col) / 4u;
    var value = params.scale * sum;
    if (params.use_bias == 1u) { value += bias[col / 4u]; }
    if (params.accumulate == 1u) { value += y[at]; }
    y[at] = value;
  }
}
