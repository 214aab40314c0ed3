enable subgroups;
requires immediate_address_space;

// Gradient of a loss through log-probabilities to the logits, in place, with p = softmax(logits / temperature)
//   logits[t, v] ← weight[t] · (1[v = tokens[t]] − p[t, v]) / temperature
//   weight (rows)        read             dLoss / dlog_prob[t]; 0 for a masked token, whose row becomes 0
//   tokens, lse (rows)   read             as in token-entropy
//   logits (rows, cols)  read and write   replaced by its gradient
// One workgroup per row. Each thread keeps four loads in flight, and the one that owns the token's column
// adds the one of 1[v = token] afterwards.

struct Params { rows: u32, cols: u32, temperature: f32 }
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> weight: array<f32>;
@group(0) @binding(1) var<storage, read> tokens: array<u32>;
@group(0) @binding(2) var<storage, read> lse: array<f32>;
@group(0) @binding(3) var<storage, read_write> logits: array<f32>;

override LANES: u32 = 256u;

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
  if (slope == 0.0) {
    for (var v = lane; v < params.cols; v += LANES) { logits[start + v] = 0.0; }
    return;
  }
  let token = tokens[row];
  let row_lse = lse[row];
  var v = lane;
  for (; v + 3u * LANES < params.cols; v += 4u * LANES) {
    let at = start + v;
    let z = vec4(logits[at], logits[at + LANES], logits[at + 2u * LANES], logits[at + 3u * LANES]);
    let gradient = -slope * exp(z * scale - row_lse);
    logits[at] = gradient.x;
    logits[at + LANES] = gradient.y;
    logits[at + 2u * LANES] = gradient.z;
    logits[at + 3u * LANES] = gradient.w;
  }
  for (; v < params.cols; v += LANES) {
    logits[start + v] = -slope * exp(logits[start + v] * scale - row_lse);
  }
  if (lane == token % LANES) { logits[start + token] += slope; }
}
