import { useState } from 'preact/hooks';
import { ApiError, send } from './api.ts';

export interface Sending {
  busy: boolean;
  /** Of the last order, in the server's words. */
  error: ApiError | undefined;
  /** @returns what the server answered; `undefined`: it refused, see `error` */
  give<T>(path: string, body?: unknown, method?: string): Promise<T | undefined>;
}

/** Gives orders, one at a time, and keeps what was refused. */
export function useSending(): Sending {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();
  return {
    busy,
    error,
    async give<T>(path: string, body?: unknown, method?: string) {
      setBusy(true);
      setError(undefined);
      try {
        return await send<T>(path, body, method);
      } catch (problem) {
        setError(
          problem instanceof ApiError ? problem : new ApiError(0, 'failed', String(problem), 'Try again.'),
        );
        return undefined;
      } finally {
        setBusy(false);
      }
    },
  };
}
