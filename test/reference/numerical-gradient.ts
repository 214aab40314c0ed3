/**
 * Gradient by central differences, the check on every analytic gradient.
 *
 *   ∂f/∂x_i ≈ (f(x + h·e_i) − f(x − h·e_i)) / 2h         error O(h²) + O(2^−53·|f| / h)
 *
 * With h = 1e-5 and values of order 1 both errors stay below 1e-9. The steps actually taken,
 * (x + h) − x as floating point has it, divide the difference.
 */

/** f at x (n) → gradient (n); x itself is left as it was. */
export function numericalGradient(
  f: (x: readonly number[]) => number,
  x: ArrayLike<number>,
  h = 1e-5,
): number[] {
  const point = Array.from(x);
  return point.map((value, index) => {
    const up = point.with(index, value + h);
    const down = point.with(index, value - h);
    return (f(up) - f(down)) / (up[index]! - down[index]!);
  });
}
