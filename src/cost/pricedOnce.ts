/** Gives what was made for the same objects and key before, or makes it. */
type Once<V> = (draws: object, counted: object, key: unknown, make: () => V) => V;

/**
 * Prices one thing once for the same draws: devices of one machine share those with the memmap in DRAM, and the states
 * of a workload share its work. Kept as long as the draws and the counts are.
 *
 * @returns a function of the draws, of what is priced, and of whatever else decides the price (as JSON)
 */
export function pricedOnce<V>(): Once<V> {
  const kept = new WeakMap<object, WeakMap<object, Map<string, V>>>();
  return (draws, counted, key, make) => {
    const ofDraws = kept.get(draws) ?? new WeakMap<object, Map<string, V>>();
    kept.set(draws, ofDraws);
    const byKey = ofDraws.get(counted) ?? new Map<string, V>();
    ofDraws.set(counted, byKey);
    const text = JSON.stringify(key);
    const known = byKey.get(text) ?? make();
    byKey.set(text, known);
    return known;
  };
}
