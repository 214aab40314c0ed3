requires immediate_address_space;

// Token embedding   out[t] = table[tokens[t]]
//   table  (rows of a block, D)  read    the tokens [first, first + block); others are left to other blocks
//   tokens (T)     read
//   out    (T, D)  write
// One thread per number.

alias Weight = f32;
struct Params { rows: u32, width: u32, first: u32, block: u32 }
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> table: array<Weight>;
@group(0) @binding(1) var<storage, read> tokens: array<u32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = (group.x + group.y * groups.x) * 64u + lane;
  if (i >= params.rows * params.width) { return; }
  let row = i / params.width;
  // Tokens before the block wrap round to large numbers.
  let token = tokens[row] - params.first;
  if (token >= params.block) { return; }
  out[i] = f32(table[token * params.width + i - row * params.width]);
}
