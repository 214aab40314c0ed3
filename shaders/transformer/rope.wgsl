requires immediate_address_space;

// Rotary position embedding, in place, on the first `heads` heads of each row
//   (a, b) ← (a·cos − b·sin, b·cos + a·sin)    a = x[d], b = x[d + half], angle = position · base^(−d / half)
//   x         (T, stride)         read and write
//   positions (T)                 read
//   table     (P, 2·half)         read    cosines, then sines, of every position, made in double precision
// `direction` −1 turns backwards, which is the gradient. One thread per pair.

struct Params { rows: u32, heads: u32, half: u32, stride: u32, direction: f32 }
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> positions: array<u32>;
@group(0) @binding(1) var<storage, read> table: array<f32>;
@group(0) @binding(2) var<storage, read_write> x: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = (group.x + group.y * groups.x) * 64u + lane;
  let pairs = params.heads * params.half;
  if (i >= params.rows * pairs) { return; }
  let row = i / pairs;
  let head = (i % pairs) / params.half;
  let d = i % params.half;
  let at = row * params.stride + head * params.half * 2u + d;
  let angle = positions[row] * params.half * 2u + d;
  let cosine = table[angle];
  let sine = table[angle + params.half] * params.direction;
  let a = x[at];
  let b = x[at + params.half];
  x[at] = a * cosine - b * sine;
  x[at + params.half] = b * cosine + a * sine;
}
