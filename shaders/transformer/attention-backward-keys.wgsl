enable subgroups;
requires immediate_address_space;

// Gradient of causal attention with respect to keys and values
//   d_value[j] = Σ_q p[q, j] · out_grad[q]
//   d_key[j]   = scale · Σ_q p[q, j] · (out_grad[q]·value[j] − delta[q]) · query[q]
//   summed over the queries that see key j and the query heads that share its key head
//   qkv      (rows, stride)         read    queries, keys and values of one row side by side
//   tiles    (tiles, TILE_WORDS)    read    [first key, keys, end of the queries that see them]
//   lse, delta (rows, heads)        read
//   out_grad (rows, heads·HEAD_DIM) read
//   grad     (rows, stride)         write   only the key and value columns are written
// Row q sees key j when j ≤ q < end: a prompt comes before the sequences that continue it, and its end
// is the end of the last of them. One subgroup owns a tile of KEYS keys of one key head; lanes stream
// over queries with partial sums of their own and merge once. Strides and offsets count vec4.

const HEAD_DIM: u32 = 32u;
const KEYS: u32 = 4u;
const VECS: u32 = HEAD_DIM / 4u;
const KV: u32 = KEYS * VECS;
const TILE_WORDS: u32 = 3u;

struct Params {
  tiles: u32, heads: u32, group: u32, stride: u32,
  k_offset: u32, v_offset: u32, scale: f32,
}
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> qkv: array<vec4f>;
@group(0) @binding(1) var<storage, read> tiles: array<u32>;
@group(0) @binding(2) var<storage, read> lse: array<f32>;
@group(0) @binding(3) var<storage, read> delta: array<f32>;
@group(0) @binding(4) var<storage, read> out_grad: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> grad: array<vec4f>;

override LANES: u32 = 32u;

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = group.x + group.y * groups.x;
  let key_heads = params.heads / params.group;
  let tile = index / key_heads;
  if (tile >= params.tiles) { return; }
  let key_head = index % key_heads;
  let key_start = tiles[tile * TILE_WORDS];
  let key_count = tiles[tile * TILE_WORDS + 1u];
  let end = tiles[tile * TILE_WORDS + 2u];

  var k: array<vec4f, KV>;
  var v: array<vec4f, KV>;
  var dk: array<vec4f, KV>;
  var dv: array<vec4f, KV>;
  for (var r = 0u; r < KEYS; r++) { // unroll
    let at = (key_start + min(r, key_count - 1u)) * params.stride + key_head * VECS;
    for (var d = 0u; d < VECS; d++) { // unroll
      k[r * VECS + d] = qkv[at + params.k_offset + d] * params.scale;
      v[r * VECS + d] = qkv[at + params.v_offset + d];
    }
  }

  for (var base = key_start; base < end; base += LANES) {
    let row = min(base + lane, end - 1u);
    for (var h = 0u; h < params.group; h++) {
      let head = key_head * params.group + h;
      var q: array<vec4f, VECS>;
      var g: array<vec4f, VECS>;
      for (var d = 0u; d < VECS; d++) { // unroll
        q[d] = qkv[row * params.stride + head * VECS + d];
        g[d] = out_grad[(row * params.heads + head) * VECS + d];
      }
      let row_lse = lse[row * params.heads + head];
      let row_delta = delta[row * params.heads + head];
      for (var r = 0u; r < KEYS; r++) { // unroll
        var score = 0.0;
        var value_grad = 0.0;
        for (var d = 0u; d < VECS; d++) { // unroll
          score += dot(q[d], k[r * VECS + d]);
          value_grad += dot(g[d], v[r * VECS + d]);
        }
        let seen = base + lane < end && base + lane >= key_start + r;
        let p = select(0.0, exp(score - row_lse), seen);
        let ds = p * (value_grad - row_delta);
        for (var d = 0u; d < VECS; d++) { // unroll
          dk[r * VECS + d] += q[d] * ds;
          dv[r * VECS + d] += g[d] * p;
        }
      }
    }
  }

  for (var r = 0u; r < KEYS; r++) { // unroll
    let at = (key_start + r) * params.stride + key_head * VECS;
    let writes = lane == 0u && r < key_count;
    for (var d = 0u; d < VECS; d++) { // unroll
      let key_grad = subgroupAdd(dk[r * VECS + d]) * params.scale;
      let value_grad = subgroupAdd(dv[r * VECS + d]);
      if (writes) {
        grad[at + params.k_offset + d] = key_grad;
        grad[at + params.v_offset + d] = value_grad;
      }
    }
  }
}
