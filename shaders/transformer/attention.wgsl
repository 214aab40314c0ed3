enable subgroups;
requires immediate_address_space;

// Causal attention over packed sequences, some of which share a prefix
//   out[q, h] = Σ_j softmax_j(scale · query[q, h]·key[j]) · value[j]       j over the keys that q may see
//   lse[q, h] = log Σ_j e^(scale · query[q, h]·key[j])
//   queries (…, q_stride)       read   row q holds its heads side by side, HEAD_DIM numbers each
//   keys    (…, kv_stride)      read   row j holds keys from k_offset and values from v_offset
//   tiles   (tiles, TILE_WORDS) read   see below
//   out     (…, heads·HEAD_DIM) write
//   lse     (…, heads)          write
//   table                       read   PAGED: which block of BLOCK rows of `keys` holds each BLOCK keys of a sequence
// A tile is up to QUERIES consecutive queries of one sequence:
//   [first query, queries, first prefix key, prefix keys, first own key, own keys before the first query]
// Query i of a tile sees every prefix key and its own sequence's keys up to and including itself.
// Keys of a training pass lie in consecutive rows, from the first on. Those of a cache (PAGED) lie in blocks
// anywhere, and the first prefix and own keys are places in the table. Bits do not depend on where keys lie.
// One subgroup owns a tile and the HEADS query heads that share one key head. Lanes stream over keys,
// each with a running softmax of its own for all R = QUERIES · HEADS rows; lanes merge once, at the end.
// A key is loaded once for R rows, and scores are never stored. Strides and offsets count vec4.

const HEAD_DIM: u32 = 32u;
const QUERIES: u32 = 4u;
const HEADS: u32 = 2u;
const PAGED: u32 = 0u;
const BLOCK: u32 = 16u;
const VECS: u32 = HEAD_DIM / 4u;
const R: u32 = QUERIES * HEADS;
const RV: u32 = R * VECS;
const TILE_WORDS: u32 = 6u;
const LOWEST: f32 = -3.4028234e38;

struct Params {
  tiles: u32, heads: u32, group: u32, q_stride: u32,
  kv_stride: u32, k_offset: u32, v_offset: u32, scale: f32,
}
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> queries: array<vec4f>;
@group(0) @binding(1) var<storage, read> keys: array<vec4f>;
@group(0) @binding(2) var<storage, read> tiles: array<u32>;
@group(0) @binding(3) var<storage, read_write> out: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> lse: array<f32>;
@group(0) @binding(5) var<storage, read> table: array<u32>;

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
  var total: array<vec4f, RV>;
  var top: array<f32, R>;
  var sum: array<f32, R>;
  for (var r = 0u; r < R; r++) { // unroll
    let row = query_start + min(r / HEADS, query_count - 1u);
    let at = row * params.q_stride + (first_head + r % HEADS) * VECS;
    for (var d = 0u; d < VECS; d++) { // unroll
      q[r * VECS + d] = queries[at + d] * params.scale;
    }
    top[r] = LOWEST;
  }

  let key_count = before + query_count;
  for (var base = 0u; base < key_count; base += LANES) {
    let j = min(base + lane, key_count - 1u);
    let in_prefix = j < prefix_count;
    let key = row_of(select(own_start, prefix_start, in_prefix), select(j - prefix_count, j, in_prefix));
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
      for (var d = 0u; d < VECS; d++) { // unroll
        score += dot(q[r * VECS + d], k[d]);
      }
      let seen = base + lane <= before + r / HEADS;
      let masked = select(LOWEST, score, seen);
      let new_top = max(top[r], masked);
      let keep = exp(top[r] - new_top);
      let p = select(0.0, exp(masked - new_top), seen);
      top[r] = new_top;
      sum[r] = sum[r] * keep + p;
      for (var d = 0u; d < VECS; d++) { // unroll
        total[r * VECS + d] = total[r * VECS + d] * keep + v[d] * p;
      }
    }
  }

  for (var r = 0u; r < R; r++) { // unroll
    let row_top = subgroupMax(top[r]);
    let keep = exp(top[r] - row_top);
    let row_sum = subgroupAdd(sum[r] * keep);
    let row = query_start + r / HEADS;
    let head = first_head + r % HEADS;
    let writes = lane == 0u && r / HEADS < query_count;
    for (var d = 0u; d < VECS; d++) { // unroll
      let merged = subgroupAdd(total[r * VECS + d] * keep) / row_sum;
      if (writes) { out[(row * params.heads + head) * VECS + d] = merged; }
    }
    if (writes) { lse[row * params.heads + head] = row_top + log(row_sum); }
  }
}

/** The row of a sequence's j-th key. */
fn row_of(start: u32, j: u32) -> u32 {
  if (PAGED == 0u) { return start + j; }
  return table[start + j / BLOCK] * BLOCK + j % BLOCK;
}
