enable subgroups;
requires immediate_address_space;

// Global norm and the factor that clips it
//   norm   = √(Σ partial)
//   factor = min(1, max_norm / norm); 0 when the norm is not finite, so that the update changes nothing
//   partial (blocks)  read
//   result  (2)       write    norm, factor
// One workgroup.

struct Params { blocks: u32, max_norm: f32 }
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> partial: array<f32>;
@group(0) @binding(1) var<storage, read_write> result: array<f32>;

override LANES: u32 = 256u;
const LARGEST: f32 = 3.4028234e38;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
  var sum = 0.0;
  for (var i = lane; i < params.blocks; i += LANES) { sum += partial[i]; }
  let norm = sqrt(reduce_sum(sum, lane));
  if (lane == 0u) {
    // Bits, since a compiler may assume that comparisons never see NaN.
    let finite = (bitcast<u32>(norm) & 0x7f800000u) != 0x7f800000u;
    result[0] = norm;
    result[1] = select(0.0, min(1.0, params.max_norm / max(norm, 1e-30)), finite);
  }
}
