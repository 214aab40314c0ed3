enable subgroups;
requires immediate_address_space;

// Samples a token from softmax(logits / temperature), by the Gumbel trick: argmax_v (z_v − log(−log u_v))
//   logits  (rows, cols)  read
//   seeds   (rows, 2)     read     an episode's seed and the token's number in it: chance with an address
//   token    (rows)       write
//   log_prob (rows)       write    of the token, in the whole distribution, before truncation
//   entropy  (rows)       write    of the whole distribution, nats
// Temperature 0 takes the most likely token; its numbers are those of temperature 1. `top_k` > 0 keeps the
// tokens as likely as the k-th most likely one; `top_p` < 1 then keeps the smallest set of most likely ones
// among them with at least that part of their mass. Both thresholds are found by bisection.
// One workgroup per row; the draw does not depend on how many threads share the row.

struct Params { rows: u32, cols: u32, temperature: f32, top_p: f32, top_k: u32 }
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> seeds: array<u32>;
@group(0) @binding(2) var<storage, read_write> token: array<u32>;
@group(0) @binding(3) var<storage, read_write> log_prob: array<f32>;
@group(0) @binding(4) var<storage, read_write> entropy: array<f32>;

override LANES: u32 = 256u;
const LOWEST: f32 = -3.4028234e38;
const BISECTIONS: u32 = 30u;

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = group.x + group.y * groups.x;
  if (row >= params.rows) { return; }
  let start = row * params.cols;
  let greedy = params.temperature == 0.0;
  let scale = select(1.0 / params.temperature, 1.0, greedy);

  var top = LOWEST;
  for (var v = lane; v < params.cols; v += LANES) { top = max(top, logits[start + v] * scale); }
  let row_top = reduce_max(top, lane);
  var sum = 0.0;
  var weighted = 0.0;
  for (var v = lane; v < params.cols; v += LANES) {
    let z = max(logits[start + v] * scale, LOWEST) - row_top;
    let e = exp(z);
    sum += e;
    weighted += select(e * z, 0.0, e == 0.0);
  }
  let row_sum = reduce_sum(sum, lane);
  let log_sum = log(row_sum);
  let row_entropy = max(log_sum - reduce_sum(weighted, lane) / row_sum, 0.0);

  var least_kept = 0u;
  var kept_sum = row_sum;
  if (params.top_k > 0u && params.top_k < params.cols) {
    var high = 0xffffffffu;
    for (var step = 0u; step < 32u; step++) {
      let middle = high - (high - least_kept) / 2u;
      var count = 0.0;
      for (var v = lane; v < params.cols; v += LANES) {
        count += select(0.0, 1.0, rank(logits[start + v]) >= middle);
      }
      if (reduce_sum(count, lane) >= f32(params.top_k)) { least_kept = middle; } else { high = middle - 1u; }
    }
    var kept = 0.0;
    for (var v = lane; v < params.cols; v += LANES) {
      let z = logits[start + v] * scale - row_top;
      kept += select(0.0, exp(z), rank(logits[start + v]) >= least_kept);
    }
    kept_sum = reduce_sum(kept, lane);
  }

  var lowest_kept = LOWEST;
  if (params.top_p < 1.0) {
    var low = -104.0;
    var high = 0.0;
    for (var step = 0u; step < BISECTIONS; step++) {
      let middle = 0.5 * (low + high);
      var mass = 0.0;
      for (var v = lane; v < params.cols; v += LANES) {
        let z = logits[start + v] * scale - row_top;
        mass += select(0.0, exp(z), z >= middle && rank(logits[start + v]) >= least_kept);
      }
      if (reduce_sum(mass, lane) >= params.top_p * kept_sum) { low = middle; } else { high = middle; }
    }
    lowest_kept = low;
  }

  let seed = hash(seeds[row * 2u] ^ hash(seeds[row * 2u + 1u]));
  var best = LOWEST;
  var best_index = 0xffffffffu;
  for (var v = lane; v < params.cols; v += LANES) {
    let z = logits[start + v] * scale - row_top;
    let noise = select(-log(-log(uniform(seed, v))), 0.0, greedy);
    let kept = z >= lowest_kept && rank(logits[start + v]) >= least_kept;
    let value = select(LOWEST, z + noise, kept);
    if (value > best) {
      best = value;
      best_index = v;
    }
  }
  let winner = reduce_argmax(best, best_index, lane);
  if (lane == 0u) {
    token[row] = winner;
    log_prob[row] = min(logits[start + winner] * scale - row_top - log_sum, 0.0);
    entropy[row] = row_entropy;
  }
}

/** Whole numbers in the order of the numbers that they stand for. */
fn rank(value: f32) -> u32 {
  let bits = bitcast<u32>(value);
  return select(bits | 0x80000000u, ~bits, (bits & 0x80000000u) != 0u);
}
