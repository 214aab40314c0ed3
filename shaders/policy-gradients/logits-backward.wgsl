requires immediate_address_space;

// Gradient of a loss through log-probabilities to the logits, in place, with p = softmax(logits / temperature)
//   logits[t, v] ← weight[t] · (1[v = tokens[t]] − p[t, v]) / temperature
//   weight (rows)        read             dLoss / dlog_prob[t]; 0 for a masked token, whose row becomes 0
//   tokens, lse (rows)   read             as in token-entropy
//   logits (rows, cols)  read and write   replaced by its gradient
// One thread per number.

struct Params { rows: u32, cols: u32, temperature: f32 }
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> weight: array<f32>;
@group(0) @binding(1) var<storage, read> tokens: array<u32>;
@group(0) @binding(2) var<storage, read> lse: array<f32>;
@group(0) @binding(3) var<storage, read_write> logits: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = (group.x + group.y * groups.x) * 64u + lane;
  if (i >= params.rows * params.cols) { return; }
  let row = i / params.cols;
  let w = weight[row];
  var gradient = 0.0;
  if (w != 0.0) {
    let p = exp(logits[i] / params.temperature - lse[row]);
    let hit = select(0.0, 1.0, i - row * params.cols == tokens[row]);
    gradient = w * (hit - p) / params.temperature;
  }
  logits[i] = gradient;
}
