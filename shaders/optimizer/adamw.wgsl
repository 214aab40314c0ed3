requires immediate_address_space;

// AdamW (Loshchilov & Hutter 2019)
//   g ← factor·g;  m ← β₁m + (1 − β₁)g;  v ← β₂v + (1 − β₂)g²
//   w ← w − lr·decay·w − lr·(m / c₁) / (√(v / c₂) + ε),   c = 1 − β^step
//   grad   (n)  read
//   clip   (2)  read       norm and factor of grad-norm; factor 0 leaves everything as it was
//   m, v, w (n) read and write
// One thread per number; `first` and `count` give the range, since norms and biases are not decayed.

struct Params {
  first: u32, count: u32, learning_rate: f32, beta1: f32, beta2: f32,
  epsilon: f32, weight_decay: f32, correction1: f32, correction2: f32,
}
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> grad: array<f32>;
@group(0) @binding(1) var<storage, read> clip: array<f32>;
@group(0) @binding(2) var<storage, read_write> m: array<f32>;
@group(0) @binding(3) var<storage, read_write> v: array<f32>;
@group(0) @binding(4) var<storage, read_write> w: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let offset = (group.x + group.y * groups.x) * 64u + lane;
  let factor = clip[1];
  if (offset >= params.count || factor == 0.0) { return; }
  let i = params.first + offset;
  let g = grad[i] * factor;
  let first_moment = params.beta1 * m[i] + (1.0 - params.beta1) * g;
  let second_moment = params.beta2 * v[i] + (1.0 - params.beta2) * g * g;
  let step = first_moment / params.correction1
    / (sqrt(second_moment / params.correction2) + params.epsilon);
  m[i] = first_moment;
  v[i] = second_moment;
  w[i] = w[i] - params.learning_rate * (params.weight_decay * w[i] + step);
}
