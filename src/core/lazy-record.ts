/** A record whose values are made when they are first read, each once; names can be looked at for nothing. */
export function lazyRecord<V>(
  names: readonly string[],
  make: (name: string) => V,
): Readonly<Record<string, V>> {
  const record: Record<string, V> = {};
  for (const name of names) {
    const get = (): V => {
      const value = make(name);
      Object.defineProperty(record, name, { value, enumerable: true });
      return value;
    };
    Object.defineProperty(record, name, { get, enumerable: true, configurable: true });
  }
  return record;
}
