enable subgroups;
requires immediate_address_space;

// Gradient of a loss through log-probabilities and entropies to the logits, in place, p = softmax(logits / temperature)
//   logits[t, v] ← (weight[t] · (1[v = tokens[t]] − p[t, v]) + bonus[t] · p[t, v] · (ln p[t, v] + H[t])) / temperature
//   bonus[t] = coefficient · token_weight[t]: the loss has −bonus·H, and dH/dz[v] = −p[v] · (ln p[v] + H)
//   weight (rows)              read             dLoss / dlog_prob[t]; 0 for a masked token, whose row becomes 0
//   tokens, lse, entropy (rows) read            as in token-entropy
//   token_weight (rows)        read             what each token weighs in the loss; 0 masks
//   logits (rows, cols)        read and write   replaced by its gradient
// One workgroup per row. Without a bonus, which would cost a fifth more, each thread keeps four loads in flight; the
// one that owns the token's column adds the one of 1[v = token] afterwards.

struct Params { rows: u32, cols: u32, temperature: f32, entropy_coefficient: f32 }
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> weight: array<f32>;
@group(0) @binding(1) var<storage, read> tokens: array<u32>;
@group(0) @binding(2) var<storage, read> lse: array<f32>;
@group(0) @binding(3) var<storage, read> entropy: array<f32>;
@group(0) @binding(4) var<storage, read> token_weight: array<f32>;
@group(0) @binding(5) var<storage, read_write> logits: array<f32>;

override LANES: u32 = 256u;
// e^−100 is 0 in single precision, and finite where ln p is −∞ and would make 0·∞.
const LEAST: f32 = -100.0;

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = group.x + group.y * groups.x;
  if (row >= params.rows) { return; }
  let start = row * params.cols;
  let scale = 1.0 / params.temperature;
  let slope = weight[row] * scale;
  let bonus = params.entropy_coefficient * token_weight[row] * scale;
  if (slope == 0.0 && bonus == 0.0) {
    for (var v = lane; v < params.cols; v += LANES) { logits[start + v] = 0.0; }
    return;
  }
  let token = tokens[row];
  let row_lse = lse[row];
  let level = bonus * entropy[row] - slope;
  let plain_cols = select(0u, params.cols, bonus == 0.0);
  var v = lane;
  for (; v + 3u * LANES < plain_cols; v += 4u * LANES) {
    let at = start + v;
    let z = vec4(logits[at], logits[at + LANES], logits[at + 2u * LANES], logits[at + 3u * LANES]);
    let gradient = -slope * exp(z * scale - row_lse);
    logits[at] = gradient.x;
    logits[at + LANES] = gradient.y;
    logits[at + 2u * LANES] = gradient.z;
    logits[at + 3u * LANES] = gradient.w;
  }
  for (; v < params.cols; v += LANES) {
    let log_p = logits[start + v] * scale - row_lse;
    logits[start + v] = exp(log_p) * (level + bonus * max(log_p, LEAST));
  }
  if (lane == token % LANES) { logits[start + token] += slope; }
}
