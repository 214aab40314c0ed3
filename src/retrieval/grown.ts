/** The array, or a larger copy of it that has room for `size` elements; it grows by half at least. */
export function grown<A extends Uint8Array | Uint32Array>(array: A, size: number): A {
  if (size <= array.length) return array;
  const larger = new (array.constructor as new (length: number) => A)(
    Math.max(size, Math.ceil(array.length * 1.5)),
  );
  larger.set(array);
  return larger;
}
