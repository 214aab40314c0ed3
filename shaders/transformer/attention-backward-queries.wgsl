enable subgroups;
requires immediate_address_space;

// Gradient of causal attention with respect to the queries
//   p[q, j]    = e^(scale · query·key[j] − lse[q])
//   delta[q]   = out_grad[q]·out[q]
//   d_query[q] = scale · Σ_j p[q, j] · (out_grad[q]·value[j] − delta[q]) · key[j]
//   queries, keys, tiles, lse   read    as in the forward pass
//   out, out_grad (…, heads·HEAD_DIM) read
//   delta (…, heads)            write   kept for the gradient of keys and values
//   grad  (…, q_stride)         write   rows as in `queries`; only the query columns are written
// Lanes stream over keys as in the forward pass; probabilities are recomputed, never stored.

const HEAD_DIM: u32 = 32u;
const QUERIES: u32 = 2u;
const HEADS: u32 = 2u;
const VECS: u32 = HEAD_DIM / 4u;
const R: u32 = QUERIES * HEADS;
const RV: u32 = R * VECS;
const TILE_WORDS: u32 = 6u;

struct Params {
  tiles: u32, heads: u32, group: u32, q_stride: u32,
  kv_stride: u32, k_offset: u32, v_offset: u32, scale: f32,
}
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> queries: array<vec4f>;
@group(0) @binding(1) var<storage, read> keys: array<vec4f>;
@group(0) @binding(2) var<storage, read> tiles: array<u32>;
@group(0) @binding(3) var<storage, read> lse: array<f32>;
@group(0) @binding(4) var<storage, read> out: array<vec4f>;
@group(0) @binding(5) var<storage, read> out_grad: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> delta: array<f32>;
@group(0) @binding(7) var<storage, read_write> grad: array<vec4f>;

override LANES: u32 = 32u;

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = group.x + group.y * groups.x;
  let head_blocks = params.heads / HEADS;
  let tile = index / head_blocks;
  if (tile >= params.tiles) { return; }
  let first_head = (index % head_blocks) * HEADS;
  let key_head = first_head / params.group;
  let query_start = tiles[tile * TILE_WORDS];
  let query_count = tiles[tile * TILE_WORDS + 1u];
  let prefix_start = tiles[tile * TILE_WORDS + 2u];
  let prefix_count = tiles[tile * TILE_WORDS + 3u];
  let own_start = tiles[tile * TILE_WORDS + 4u];
  let before = prefix_count + tiles[tile * TILE_WORDS + 5u];

  var q: array<vec4f, RV>;
  var g: array<vec4f, RV>;
  var dq: array<vec4f, RV>;
  var row_lse: array<f32, R>;
  var row_delta: array<f32, R>;
  for (var r = 0u; r < R; r++) { // unroll
    let row = query_start + min(r / HEADS, query_count - 1u);
    let head = first_head + r % HEADS;
    var product = 0.0;
    for (var d = 0u; d < VECS; d++) { // unroll
      let g_d = out_grad[(row * params.heads + head) * VECS + d];
      q[r * VECS + d] = queries[row * params.q_stride + head * VECS + d] * params.scale;
      g[r * VECS + d] = g_d;
      product += dot(g_d, out[(row * params.heads + head) * VECS + d]);
    }
    row_lse[r] = lse[row * params.heads + head];
    row_delta[r] = product;
  }

  let key_count = before + query_count;
  for (var base = 0u; base < key_count; base += LANES) {
    let j = min(base + lane, key_count - 1u);
    let key = select(own_start + j - prefix_count, prefix_start + j, j < prefix_count);
    let at_key = key * params.kv_stride + params.k_offset + key_head * VECS;
    let at_value = key * params.kv_stride + params.v_offset + key_head * VECS;
    var k: array<vec4f, VECS>;
    var v: array<vec4f, VECS>;
    for (var d = 0u; d < VECS; d++) { // unroll
      k[d] = keys[at_key + d];
      v[d] = keys[at_value + d];
    }
    for (var r = 0u; r < R; r++) { // unroll
      var score = 0.0;
      var value_grad = 0.0;
      for (var d = 0u; d < VECS; d++) { // unroll
        score += dot(q[r * VECS + d], k[d]);
        value_grad += dot(g[r * VECS + d], v[d]);
      }
      let seen = base + lane <= before + r / HEADS;
      let p = select(0.0, exp(score - row_lse[r]), seen);
      let ds = p * (value_grad - row_delta[r]);
      for (var d = 0u; d < VECS; d++) { // unroll
        dq[r * VECS + d] += k[d] * ds;
      }
    }
  }

  for (var r = 0u; r < R; r++) { // unroll
    let row = query_start + r / HEADS;
    let head = first_head + r % HEADS;
    let writes = lane == 0u && r / HEADS < query_count;
    for (var d = 0u; d < VECS; d++) { // unroll
      let merged = subgroupAdd(dq[r * VECS + d]) * params.scale;
      if (writes) { grad[row * params.q_stride + head * VECS + d] = merged; }
    }
    if (writes) { delta[row * params.heads + head] = row_delta[r]; }
  }
}
