enable subgroups;
requires immediate_address_space;

// Standard scores   h = (H − mean H) / (std H + eps)   over the steps of a scope, std = √(Σ(H − mean)² / n)
//   entropy       (steps)       read    H, negative where a step is empty: out of the statistics, h = 0
//   scope_offsets (scopes + 1)  read    scope i owns steps scope_offsets[i] … scope_offsets[i + 1] − 1
//   normalized    (steps)       write   h
// One workgroup per scope. Sums run over H − min H, so that where all H are equal h is exactly 0.

struct Params { scopes: u32, eps: f32 }
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> entropy: array<f32>;
@group(0) @binding(1) var<storage, read> scope_offsets: array<u32>;
@group(0) @binding(2) var<storage, read_write> normalized: array<f32>;

const LARGEST: f32 = 3.4028234e38;
override LANES: u32 = 256u;

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let scope = group.x + group.y * groups.x;
  if (scope >= params.scopes) { return; }
  let begin = scope_offsets[scope];
  let end = scope_offsets[scope + 1u];

  var low = LARGEST;
  var count = 0.0;
  for (var s = begin + lane; s < end; s += LANES) {
    let value = entropy[s];
    if (value < 0.0) { continue; }
    low = min(low, value);
    count += 1.0;
  }
  let scope_low = -reduce_max(-low, lane);
  let scope_count = reduce_sum(count, lane);

  var sum = 0.0;
  for (var s = begin + lane; s < end; s += LANES) {
    let value = entropy[s];
    if (value < 0.0) { continue; }
    sum += value - scope_low;
  }
  let mean = reduce_sum(sum, lane) / scope_count;

  var squares = 0.0;
  for (var s = begin + lane; s < end; s += LANES) {
    let value = entropy[s];
    if (value < 0.0) { continue; }
    let gap = value - scope_low - mean;
    squares += gap * gap;
  }
  let deviation = sqrt(reduce_sum(squares, lane) / scope_count) + params.eps;

  for (var s = begin + lane; s < end; s += LANES) {
    let value = entropy[s];
    normalized[s] = select((value - scope_low - mean) / deviation, 0.0, value < 0.0);
  }
}
