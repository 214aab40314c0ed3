enable subgroups;
requires immediate_address_space;

// The gate   g = e^(−k·h) / (mean e^(−k·h) + eps)   mean over the non-empty steps of a scope
//   entropy       (steps)       read    H, negative where a step is empty
//   normalized    (steps)       read    h
//   scope_offsets (scopes + 1)  read    scope i owns steps scope_offsets[i] … scope_offsets[i + 1] − 1
//   scale         (steps)       write   g; 1 for an empty step
// One workgroup per scope.

struct Params { scopes: u32, k: f32, eps: f32 }
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> entropy: array<f32>;
@group(0) @binding(1) var<storage, read> normalized: array<f32>;
@group(0) @binding(2) var<storage, read> scope_offsets: array<u32>;
@group(0) @binding(3) var<storage, read_write> scale: array<f32>;

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

  // Above and below the line every exponential is divided by the largest: none overflows, whatever k and h are.
  var top = -LARGEST;
  for (var s = begin + lane; s < end; s += LANES) {
    if (entropy[s] < 0.0) { continue; }
    top = max(top, -params.k * normalized[s]);
  }
  let largest = reduce_max(top, lane);

  var sum = 0.0;
  var count = 0.0;
  for (var s = begin + lane; s < end; s += LANES) {
    if (entropy[s] < 0.0) { continue; }
    sum += exp(-params.k * normalized[s] - largest);
    count += 1.0;
  }
  let scope_count = reduce_sum(count, lane);
  let rough_mean = reduce_sum(sum, lane) / scope_count;

  // A long sum in f32 is off by more than 1e-6; what is left over the rough mean has no such size.
  var rest = 0.0;
  for (var s = begin + lane; s < end; s += LANES) {
    if (entropy[s] < 0.0) { continue; }
    rest += exp(-params.k * normalized[s] - largest) - rough_mean;
  }
  let mean = rough_mean + reduce_sum(rest, lane) / scope_count + params.eps * exp(-largest);
  for (var s = begin + lane; s < end; s += LANES) {
    scale[s] = select(exp(-params.k * normalized[s] - largest) / mean, 1.0, entropy[s] < 0.0);
  }
}
