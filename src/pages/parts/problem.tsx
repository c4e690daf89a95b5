import type { ApiError } from '../data/api.ts';

/** What went wrong and what to do, or nothing. */
export function Problem({ error }: { error: ApiError | undefined }) {
  if (error === undefined) return null;
  return (
    <p class="problem" role="alert">
      <strong>{error.message}.</strong> {error.hint}
    </p>
  );
}
