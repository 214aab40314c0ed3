requires immediate_address_space;

// Puts the keys and values of new tokens into the cache   cache[slots[t]] = qkv[t, offset .. offset + width]
//   qkv   (T, stride)      read
//   slots (T)              read    each token's row in the cache
//   cache (slots, width)   write   keys, then values
// One thread per number.

struct Params { rows: u32, width: u32, stride: u32, offset: u32 }
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> qkv: array<f32>;
@group(0) @binding(1) var<storage, read> slots: array<u32>;
@group(0) @binding(2) var<storage, read_write> cache: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = (group.x + group.y * groups.x) * 64u + lane;
  if (i >= params.rows * params.width) { return; }
  let row = i / params.width;
  let column = i - row * params.width;
  cache[slots[row] * params.width + column] = qkv[row * params.stride + params.offset + column];
}
