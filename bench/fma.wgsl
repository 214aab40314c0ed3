requires immediate_address_space;

// The arithmetic roofline   x ← x·factor + addend   `rounds` times in three independent vec4 per thread
//   out (threads) write    the sum of a thread's 12 numbers
// Nothing is read: chains are independent, and as many as a software adapter keeps in registers. Number j of chain c of thread t
// starts at t + 4·c + j.

struct Params { threads: u32, rounds: u32, factor: f32, addend: f32 }
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let t = group.x * 64u + lane;
  if (t >= params.threads) { return; }
  let factor = vec4f(params.factor);
  let addend = vec4f(params.addend);
  let start = vec4f(0.0, 1.0, 2.0, 3.0) + f32(t);
  var a = start;
  var b = start + 4.0;
  var c = start + 8.0;
  for (var i = 0u; i < params.rounds; i++) {
    a = fma(a, factor, addend);
    b = fma(b, factor, addend);
    c = fma(c, factor, addend);
  }
  out[t] = dot(a + b + c, vec4f(1.0));
}
