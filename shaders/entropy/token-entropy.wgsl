enable subgroups;
requires immediate_address_space;

// Log-probability and entropy of sampled tokens, of the distribution softmax(logits / temperature)
//   log_prob[t] = z_y − lse                 z = logits[t] / temperature, y = tokens[t], lse = log Σ_v e^z_v
//   entropy[t]  = lse − Σ_v p_v·z_v         (nats)
//   logits   (rows, cols)  read
//   tokens   (rows)        read
//   log_prob (rows)        write
//   entropy  (rows)        write
//   lse      (rows)        write            what the backward pass needs
// One workgroup per row, one pass over the columns: each thread keeps a running maximum m with
// Σ e^(z−m) and Σ e^(z−m)·(z−m), which merge exactly, then the threads merge once.

struct Params { rows: u32, cols: u32, temperature: f32 }
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> tokens: array<u32>;
@group(0) @binding(2) var<storage, read_write> log_prob: array<f32>;
@group(0) @binding(3) var<storage, read_write> entropy: array<f32>;
@group(0) @binding(4) var<storage, read_write> lse: array<f32>;

override LANES: u32 = 256u;
const LOWEST: f32 = -3.4028234e38;

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

  var top = LOWEST;
  var sum = 0.0;
  var weighted = 0.0;
  for (var v = lane; v < params.cols; v += LANES) {
    let z = max(logits[start + v] * scale, LOWEST);
    let new_top = max(top, z);
    let keep = exp(top - new_top);
    let e = exp(z - new_top);
    // Moving the origin from top to new_top shifts every earlier (z − top) by (top − new_top).
    weighted = keep * (weighted + sum * (top - new_top)) + e * (z - new_top);
    sum = sum * keep + e;
    top = new_top;
  }
  let row_top = reduce_max(top, lane);
  let keep = exp(top - row_top);
  let row_sum = reduce_sum(sum * keep, lane);
  let row_weighted = reduce_sum(keep * (weighted + sum * (top - row_top)), lane);
  if (lane == 0u) {
    let log_sum = log(row_sum);
    lse[row] = row_top + log_sum;
    entropy[row] = max(log_sum - row_weighted / row_sum, 0.0);
    log_prob[row] = min(logits[start + tokens[row]] * scale - row_top - log_sum, 0.0);
  }
}
