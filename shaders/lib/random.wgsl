// Counter-based random numbers: a draw is a function of a seed and an index, whichever thread makes it.

// Avalanche hash of 32 bits (lowbias32, Chris Wellons, public domain).
fn hash(value: u32) -> u32 {
  var x = value;
  x = (x ^ (x >> 16u)) * 0x7feb352du;
  x = (x ^ (x >> 15u)) * 0x846ca68bu;
  return x ^ (x >> 16u);
}

// A number strictly between 0 and 1, with 23 random bits: neither logarithm of it nor of its logarithm overflows.
fn uniform(seed: u32, index: u32) -> f32 {
  let bits = hash(seed ^ hash(index + 0x9e3779b9u)) >> 9u;
  return (f32(bits) + 0.5) * 0x1p-23;
}
