requires immediate_address_space;

// Gradient of the embedding table   table_grad[v] += Σ_{t: tokens[t] = v} out_grad[t]
//   ids      (unique)      read    the different tokens of the batch
//   offsets  (unique + 1)  read    where each one's rows begin in `rows_of`
//   rows_of  (T)           read    row numbers, sorted by token
//   out_grad (T, D)        read
//   table_grad (rows of a block, D)  added to    the tokens [first, first + block)
// One thread per (different token, column) adds its rows in a fixed order: no atomics, same bits every time.

struct Params { unique: u32, width: u32, first: u32, block: u32 }
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> ids: array<u32>;
@group(0) @binding(1) var<storage, read> offsets: array<u32>;
@group(0) @binding(2) var<storage, read> rows_of: array<u32>;
@group(0) @binding(3) var<storage, read> out_grad: array<f32>;
@group(0) @binding(4) var<storage, read_write> table_grad: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = (group.x + group.y * groups.x) * 64u + lane;
  if (i >= params.unique * params.width) { return; }
  let slot = i / params.width;
  let column = i - slot * params.width;
  // Tokens before the block wrap round to large numbers.
  let token = ids[slot] - params.first;
  if (token >= params.block) { return; }
  var sum = 0.0;
  for (var at = offsets[slot]; at < offsets[slot + 1u]; at++) {
    sum += out_grad[rows_of[at] * params.width + column];
  }
  table_grad[token * params.width + column] += sum;
}
