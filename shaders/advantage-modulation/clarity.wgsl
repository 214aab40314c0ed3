enable subgroups;
requires immediate_address_space;

// Clarity of what a step led to   clarity[s] = f(s + 1) = e^(−k′·h[s + 1])   within one trajectory
//   entropy            (steps)             read    H, negative where a step is empty
//   normalized         (steps)             read    h
//   trajectory_offsets (trajectories + 1)  read    trajectory i owns the steps from trajectory_offsets[i] on
//   clarity            (steps)             write   −1 where there is no bonus: on the last step of a
//                                                  trajectory, on an empty step and before one
// One workgroup per trajectory.

struct Params { trajectories: u32, k_prime: f32 }
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> entropy: array<f32>;
@group(0) @binding(1) var<storage, read> normalized: array<f32>;
@group(0) @binding(2) var<storage, read> trajectory_offsets: array<u32>;
@group(0) @binding(3) var<storage, read_write> clarity: array<f32>;

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

  for (var s = begin + lane; s < end; s += LANES) {
    let next = min(s + 1u, end - 1u);
    let none = next == s || entropy[s] < 0.0 || entropy[next] < 0.0;
    clarity[s] = select(exp(-params.k_prime * normalized[next]), -1.0, none);
  }
}
