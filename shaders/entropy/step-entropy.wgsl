enable subgroups;
requires immediate_address_space;

// Step entropy   out[s] = mean, max or first of entropy[offsets[s] .. offsets[s + 1]]     (nats)
//   entropy (tokens)     read    of the generated tokens of all steps, one step after another
//   offsets (steps + 1)  read
//   out     (steps)      write   −1 for a step without tokens: entropies are never negative
// One workgroup per step.

struct Params { steps: u32, mode: u32 }
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> entropy: array<f32>;
@group(0) @binding(1) var<storage, read> offsets: array<u32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

override LANES: u32 = 256u;
const MEAN: u32 = 0u;
const MAX: u32 = 1u;
const EMPTY: f32 = -1.0;
const LARGEST: f32 = 3.4028234e38;

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let step = group.x + group.y * groups.x;
  if (step >= params.steps) { return; }
  let start = offsets[step];
  let end = offsets[step + 1u];
  var sum = 0.0;
  var top = EMPTY;
  var bottom = LARGEST;
  for (var i = start + lane; i < end; i += LANES) {
    sum += entropy[i];
    top = max(top, entropy[i]);
    bottom = min(bottom, entropy[i]);
  }
  let total = reduce_sum(sum, lane);
  let largest = reduce_max(top, lane);
  let least = -reduce_max(-bottom, lane);
  if (lane == 0u) {
    if (start == end) {
      out[step] = EMPTY;
    } else if (params.mode == MEAN) {
      // Where all entropies are equal, their rounded sums would part the steps by more than eps. NaN stays NaN.
      var mean = total / f32(end - start);
      if (mean < least) { mean = least; }
      if (mean > largest) { mean = largest; }
      out[step] = mean;
    } else if (params.mode == MAX) {
      out[step] = largest;
    } else {
      out[step] = entropy[start];
    }
  }
}
