import { once } from './once.ts';

type Asynchronous<T> = { [Name in keyof T]: (...args: never[]) => Promise<unknown> };

/**
 * Stands in for an object of asynchronous functions, and only that, until one of them is called: then it is loaded, once.
 * For what takes long to import and is not needed by most. A load that fails fails the call; the next call tries again.
 *
 * The functions are there by name only: they cannot be listed or copied with a spread.
 */
export function lazily<T extends Asynchronous<T>>(load: () => Promise<T>): T {
  const loaded = once(load);
  return new Proxy({} as T, {
    get(_, name) {
      // Whoever awaits the object itself must not take it for a promise.
      if (name === 'then') return undefined;
      return async (...args: never[]) => {
        const real = await loaded();
        return real[name as keyof T](...args);
      };
    },
  });
}
