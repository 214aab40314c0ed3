enable subgroups;
requires immediate_address_space;

// What a run logs about its modulation, over the non-empty steps of the batch
//   entropy, scale, clarity, advantage  (steps)  read    H, g, f′ (negative where there is none), A_final
//   summary (8)  write    steps, mean H, min H, max H, min g, max g, mean f′, mean |A_final|
// One workgroup. All numbers are 0 where no step has tokens.

struct Params { steps: u32 }
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> entropy: array<f32>;
@group(0) @binding(1) var<storage, read> scale: array<f32>;
@group(0) @binding(2) var<storage, read> clarity: array<f32>;
@group(0) @binding(3) var<storage, read> advantage: array<f32>;
@group(0) @binding(4) var<storage, read_write> summary: array<f32>;

const LARGEST: f32 = 3.4028234e38;
override LANES: u32 = 256u;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
  var sums = vec4(0.0);
  var bonuses = 0.0;
  // Minima as maxima of what is negated: −min H, max H, −min g, max g.
  var tops = vec4(-LARGEST);
  for (var s = lane; s < params.steps; s += LANES) {
    if (entropy[s] < 0.0) { continue; }
    let has_bonus = clarity[s] >= 0.0;
    sums += vec4(1.0, entropy[s], max(clarity[s], 0.0), abs(advantage[s]));
    bonuses += select(0.0, 1.0, has_bonus);
    tops = max(tops, vec4(-entropy[s], entropy[s], -scale[s], scale[s]));
  }
  let count = reduce_sum(sums.x, lane);
  let entropy_sum = reduce_sum(sums.y, lane);
  let clarity_sum = reduce_sum(sums.z, lane);
  let advantage_sum = reduce_sum(sums.w, lane);
  let bonus_count = reduce_sum(bonuses, lane);
  let entropy_low = -reduce_max(tops.x, lane);
  let entropy_high = reduce_max(tops.y, lane);
  let scale_low = -reduce_max(tops.z, lane);
  let scale_high = reduce_max(tops.w, lane);
  if (lane == 0u) {
    let any_step = count > 0.0;
    summary[0] = count;
    summary[1] = entropy_sum / max(count, 1.0);
    summary[2] = select(0.0, entropy_low, any_step);
    summary[3] = select(0.0, entropy_high, any_step);
    summary[4] = select(0.0, scale_low, any_step);
    summary[5] = select(0.0, scale_high, any_step);
    summary[6] = clarity_sum / max(bonus_count, 1.0);
    summary[7] = advantage_sum / max(count, 1.0);
  }
}
