enable subgroups;
requires immediate_address_space;

// Log-probability and entropy of given tokens, of the distribution softmax(logits / temperature)
//   log_prob[t] = z_y − m − ln Σ             z = logits[t] / temperature, y = tokens[t], m = max z
//   entropy[t]  = ln Σ − Σ_v e^(z_v−m)·(z_v−m) / Σ        Σ = Σ_v e^(z_v−m)      (nats)
//   logits   (rows, cols)  read
//   tokens   (rows)        read
//   log_prob (rows)        write
//   entropy  (rows)        write
//   lse      (rows)        write   m + ln Σ, what the backward pass needs
// A logit of −∞ has probability 0; NaN and +∞ make all three not finite.
// One workgroup per row, one pass over the columns: each thread keeps a running maximum m with Σ and
// Σ e^(z−m)·(z−m), which merge exactly, then the threads merge once. Four columns share one change of
// maximum, and their loads are in flight together.

struct Params { rows: u32, cols: u32, temperature: f32 }
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> tokens: array<u32>;
@group(0) @binding(2) var<storage, read_write> log_prob: array<f32>;
@group(0) @binding(3) var<storage, read_write> entropy: array<f32>;
@group(0) @binding(4) var<storage, read_write> lse: array<f32>;

override LANES: u32 = 256u;
// Stands for −∞: its multiples and differences stay finite.
const LOWEST: f32 = -1e30;
const LARGEST: f32 = 3.4028234e38;

// z in column v; past the end as good as −∞. A NaN passes through.
fn column(start: u32, v: u32, scale: f32) -> f32 {
  let z = logits[start + min(v, params.cols - 1u)] * scale;
  return select(z, LOWEST, z < LOWEST || v >= params.cols);
}

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
  for (var v = lane; v < params.cols; v += 4u * LANES) {
    let z = vec4(
      column(start, v, scale),
      column(start, v + LANES, scale),
      column(start, v + 2u * LANES, scale),
      column(start, v + 3u * LANES, scale),
    );
    let new_top = max(top, max(max(z.x, z.y), max(z.z, z.w)));
    let shift = top - new_top;
    let keep = exp(shift);
    let e = exp(z - new_top);
    // Moving the origin from top to new_top shifts every earlier (z − top) by (top − new_top).
    weighted = keep * (weighted + sum * shift) + dot(e, z - new_top);
    sum = sum * keep + dot(e, vec4(1.0));
    top = new_top;
  }
  let row_top = reduce_max(top, lane);
  let keep = exp(top - row_top);
  let row_sum = reduce_sum(sum * keep, lane);
  let row_weighted = reduce_sum(keep * (weighted + sum * (top - row_top)), lane);
  if (lane == 0u) {
    // A NaN lives on in row_weighted; exp, log, min and max may lose it, comparisons do not.
    let log_sum = select(row_weighted, log(row_sum), abs(row_weighted) < LARGEST);
    lse[row] = row_top + log_sum;
    let row_entropy = log_sum - row_weighted / row_sum;
    entropy[row] = select(row_entropy, 0.0, row_entropy < 0.0);
    let log_probability = logits[start + tokens[row]] * scale - row_top - log_sum;
    log_prob[row] = select(log_probability, 0.0, log_probability > 0.0);
  }
}
