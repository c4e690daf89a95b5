import type { Fetch } from './call.ts';

/** From this version of its HTTP client on Node's `fetch` takes another way to the network, which a package may put beside the old one. */
const SECOND_WAY = 8;

interface Dispatcher {
  dispatch(options: object, handler: unknown): unknown;
}

/**
 * Node's own `fetch`, by the same connections (and its owner's proxy), without the limits of its own: it would cut whatever is
 * silent for five minutes, which a model that thinks or a local one may be. Calls have limits of their owner's: `guardCall`.
 */
export const patientFetch: Fetch = (input, init) => {
  const dispatcher = patientDispatcher();
  // `timeout` is Bun's name for it; Node passes it over.
  const limits: object = { timeout: false, ...(dispatcher === undefined ? {} : { dispatcher }) };
  return globalThis.fetch(input, Object.assign({ ...init }, limits));
};

/** `undefined`: not on Node, or on one that keeps its client elsewhere. */
function patientDispatcher(): Dispatcher | undefined {
  // The look at it is what makes Node load its client.
  if (typeof Response !== 'function') return undefined;
  const way = Number.parseInt(process.versions['undici'] ?? '', 10) >= SECOND_WAY ? 2 : 1;
  const usual: unknown = Reflect.get(globalThis, Symbol.for(`undici.globalDispatcher.${way}`));
  if (!isDispatcher(usual)) return undefined;
  return {
    dispatch: (options, handler) =>
      usual.dispatch({ ...options, headersTimeout: 0, bodyTimeout: 0 }, handler),
  };
}

const isDispatcher = (value: unknown): value is Dispatcher =>
  typeof value === 'object' && value !== null && 'dispatch' in value && typeof value.dispatch === 'function';
