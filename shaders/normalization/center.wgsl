enable subgroups;
requires immediate_address_space;

// Centring   A_final = A′ − shift, one shift per scope
//   all         shift = mean of A′ over the steps                         (the paper)
//   bonus       shift = mean of ζ·f over the steps that have it, taken from those alone
//   trajectory  shift = mean over trajectories of their own mean A′
//   clarity       (steps)       read        f of the next step, negative where a step has no bonus
//   share         (steps)       read        1 / non-empty steps of its trajectory, 0 for an empty step
//   scope_offsets (scopes + 1)  read
//   advantage     (steps)       read_write  A′ → A_final
// One workgroup per scope. Every mean is Σ vote·value / Σ vote; without votes nothing is shifted.

struct Params { scopes: u32, mode: u32, zeta: f32 }
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> clarity: array<f32>;
@group(0) @binding(1) var<storage, read> share: array<f32>;
@group(0) @binding(2) var<storage, read> scope_offsets: array<u32>;
@group(0) @binding(3) var<storage, read_write> advantage: array<f32>;

const BONUS: u32 = 1u;
const TRAJECTORY: u32 = 2u;
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

  let of_bonus = params.mode == BONUS;
  var votes = 0.0;
  var sum = 0.0;
  for (var s = begin + lane; s < end; s += LANES) {
    let step_vote = select(0.0, 1.0, share[s] > 0.0);
    let bonus_vote = select(0.0, 1.0, clarity[s] >= 0.0);
    let vote = select(
      select(step_vote, bonus_vote, of_bonus),
      share[s],
      params.mode == TRAJECTORY,
    );
    if (vote == 0.0) { continue; }
    votes += vote;
    sum += vote * select(advantage[s], params.zeta * clarity[s], of_bonus);
  }
  let scope_votes = reduce_sum(votes, lane);
  let shift = reduce_sum(sum, lane) / max(scope_votes, 1e-30);
  for (var s = begin + lane; s < end; s += LANES) {
    advantage[s] -= select(shift, 0.0, of_bonus && clarity[s] < 0.0);
  }
}
