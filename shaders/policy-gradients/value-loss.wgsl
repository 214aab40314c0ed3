requires immediate_address_space;

// Clipped loss of a value head (arXiv 1707.06347, as its authors' code has it)
//   held = old + clip(value − old, −clip, clip)
//   loss = Σ_t weight[t] · ½ max((value − target)², (held − target)²)
//   value, old, target (tokens)  read     `old` before the first update, `target` the return
//   weight             (tokens)  read     aggregation weight; 0 where no value is asked for
//   gradient           (tokens)  write    coefficient · dloss / dvalue
//   terms              (tokens)  write    the token's part of the loss, without the coefficient
// One thread per token. Where the held value is further off, it does not follow the value: no gradient.

struct Params { tokens: u32, clip: f32, coefficient: f32 }
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> value: array<f32>;
@group(0) @binding(1) var<storage, read> old: array<f32>;
@group(0) @binding(2) var<storage, read> target_value: array<f32>;
@group(0) @binding(3) var<storage, read> weight: array<f32>;
@group(0) @binding(4) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(5) var<storage, read_write> terms: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let t = (group.x + group.y * groups.x) * 64u + lane;
  if (t >= params.tokens) { return; }
  let w = weight[t];
  if (w == 0.0) {
    gradient[t] = 0.0;
    terms[t] = 0.0;
    return;
  }
  let moved = value[t] - old[t];
  let free = value[t] - target_value[t];
  let held = old[t] + clamp(moved, -params.clip, params.clip) - target_value[t];
  let is_held = abs(moved) > params.clip && held * held > free * free;
  gradient[t] = params.coefficient * w * select(free, 0.0, is_held);
  terms[t] = w * 0.5 * select(free * free, held * held, is_held);
}
