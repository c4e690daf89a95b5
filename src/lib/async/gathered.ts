import { setImmediate } from 'node:timers/promises';

/**
 * A look that is dear whatever is looked for: all that is asked for at the same moment, of the same place, is looked for at once.
 *
 * @param look what is found of the keys of one place; its failure is everybody's who asked
 */
export function gathered<Place, Found>(
  nameOf: (place: Place) => string,
  look: (place: Place, keys: readonly string[]) => Promise<ReadonlyMap<string, Found>>,
): (place: Place, key: string) => Promise<Found | null> {
  const waiting = new Map<string, { keys: Set<string>; found: Promise<ReadonlyMap<string, Found>> }>();
  const begin = (name: string, place: Place) => {
    const keys = new Set<string>();
    const found = setImmediate().then(() => {
      waiting.delete(name);
      return look(place, [...keys]);
    });
    const batch = { keys, found };
    waiting.set(name, batch);
    return batch;
  };
  return async (place, key) => {
    const name = nameOf(place);
    const batch = waiting.get(name) ?? begin(name, place);
    batch.keys.add(key);
    return (await batch.found).get(key) ?? null;
  };
}
