/** Asks the server that served this page, and none else. */

/** What the server refused, in its own words. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string;

  constructor(status: number, code: string, message: string, hint: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.hint = hint;
  }
}

const BASE = '/api/v1';

/** Throws `ApiError`, with status 0 where nobody answers. */
export async function get<T>(path: string, signal: AbortSignal): Promise<{ data: T; headers: Headers }> {
  return ask<T>(path, { signal });
}

/** Gives an order. Throws as `get`. */
export async function send<T>(path: string, body: unknown = {}, method = 'POST'): Promise<T> {
  const { data } = await ask<T>(path, {
    method,
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });
  return data;
}

/** The same for an answer that is no document. */
export async function getText(
  path: string,
  signal: AbortSignal,
): Promise<{ data: string; headers: Headers }> {
  const answer = await reach(path, { signal });
  if (!answer.ok) throw refusal(answer.status, await answer.json().catch(() => null));
  const data = await answer.text().catch(() => {
    throw away();
  });
  return { data, headers: answer.headers };
}

async function reach(path: string, options: RequestInit): Promise<Response> {
  return fetch(`${BASE}${path}`, { ...options, credentials: 'same-origin' }).catch(() => {
    throw away();
  });
}

async function ask<T>(path: string, options: RequestInit): Promise<{ data: T; headers: Headers }> {
  const answer = await reach(path, options);
  const document: unknown = await answer.json().catch(() => {
    // Cut in its midst; of an order the answer alone, which may be empty.
    if (answer.ok && options.method === undefined) throw away();
    return null;
  });
  if (answer.ok) return { data: document as T, headers: answer.headers };
  throw refusal(answer.status, document);
}

const away = (): ApiError =>
  new ApiError(0, 'away', 'The server does not answer', 'Is df board or df up still running?');

function refusal(status: number, document: unknown): ApiError {
  const { error } = (document ?? {}) as { error?: { code?: string; message?: string; hint?: string } };
  const {
    code = 'failed',
    message = `The server answered ${status}`,
    hint = 'Load the page again.',
  } = error ?? {};
  return new ApiError(status, code, message, hint);
}
