requires immediate_address_space;

// The memory roofline   copied[i] = source[i]   one vec4 per thread
//   source (count) read
//   copied (count) write

struct Params { count: u32 }
var<immediate> params: Params;

@group(0) @binding(0) var<storage, read> source: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> copied: array<vec4f>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = (group.x + group.y * groups.x) * 64u + lane;
  if (i < params.count) { copied[i] = source[i]; }
}
