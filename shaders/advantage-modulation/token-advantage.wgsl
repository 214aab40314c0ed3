requires immediate_address_space;

// Modulated advantage of a token   A_final(token) = A_final(step) + (A(token) − A(step))·g(step)
//   step_of         (tokens)  read     the token's step
//   token_advantage (tokens)  read     A(token) of the base method
//   advantage       (steps)   read     A(step): the mean of its tokens' A
//   scale           (steps)   read     g
//   modulated       (steps)   read     A_final(step)
//   token_modulated (tokens)  write    A_final(token)
// One thread per token.

struct Params { tokens: u32 }
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> step_of: array<u32>;
@group(0) @binding(1) var<storage, read> token_advantage: array<f32>;
@group(0) @binding(2) var<storage, read> advantage: array<f32>;
@group(0) @binding(3) var<storage, read> scale: array<f32>;
@group(0) @binding(4) var<storage, read> modulated: array<f32>;
@group(0) @binding(5) var<storage, read_write> token_modulated: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let t = (group.x + group.y * groups.x) * 64u + lane;
  if (t >= params.tokens) { return; }
  let s = step_of[t];
  token_modulated[t] = modulated[s] + (token_advantage[t] - advantage[s]) * scale[s];
}
