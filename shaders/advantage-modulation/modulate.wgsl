enable subgroups;
requires immediate_address_space;

// Modulated advantage   A′ = A·g + ζ·f′   (f′ the clarity of the next step, 0 where there is none)
//   entropy            (steps)             read    H, negative where a step is empty
//   advantage          (steps)             read    A of the base method
//   scale              (steps)             read    g
//   clarity            (steps)             read    f′, negative where there is none
//   trajectory_offsets (trajectories + 1)  read    trajectory i owns the steps from trajectory_offsets[i] on
//   modulated          (steps)             write   A′
//   share              (steps)             write   1 / non-empty steps of its trajectory, 0 for an empty
//                                                  step: a step's vote where each trajectory has one
// One workgroup per trajectory.

struct Params { trajectories: u32, zeta: f32 }
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> entropy: array<f32>;
@group(0) @binding(1) var<storage, read> advantage: array<f32>;
@group(0) @binding(2) var<storage, read> scale: array<f32>;
@group(0) @binding(3) var<storage, read> clarity: array<f32>;
@group(0) @binding(4) var<storage, read> trajectory_offsets: array<u32>;
@group(0) @binding(5) var<storage, read_write> modulated: array<f32>;
@group(0) @binding(6) var<storage, read_write> share: array<f32>;

override LANES: u32 = 256u;

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let trajectory = group.x + group.y * groups.x;
  if (trajectory >= params.trajectories) { return; }
  let begin = trajectory_offsets[trajectory];
  let end = trajectory_offsets[trajectory + 1u];

  var count = 0.0;
  for (var s = begin + lane; s < end; s += LANES) { count += select(1.0, 0.0, entropy[s] < 0.0); }
  let one_vote = 1.0 / max(reduce_sum(count, lane), 1.0);
  for (var s = begin + lane; s < end; s += LANES) {
    modulated[s] = advantage[s] * scale[s] + params.zeta * max(clarity[s], 0.0);
    share[s] = select(one_vote, 0.0, entropy[s] < 0.0);
  }
}
