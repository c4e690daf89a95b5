import { createHash } from 'node:crypto';
import type { ForgeState, ForgeTokenState } from './state.ts';

/** A request that somebody known has made. */
export interface ForgeAsk {
  method: string;
  /** Below the address of the API, without a query. */
  path: string;
  query: URLSearchParams;
  body: Record<string, unknown>;
  /** `null`: nobody is known by that token, or none was given. */
  token: ForgeTokenState | null;
  /** `http://…/api/v3`, for addresses in replies. */
  base: string;
}

export interface ForgeAnswer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

export const ok = (body: unknown, status = 200): ForgeAnswer => ({ status, body });
export const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** A route: method, path, and who answers with the parts of the path that the pattern caught. */
export type Route = [
  method: string,
  pattern: RegExp,
  answer: (state: ForgeState, ask: ForgeAsk, parts: string[]) => ForgeAnswer,
];

export function findRoute(routes: readonly Route[], state: ForgeState, ask: ForgeAsk): ForgeAnswer | null {
  for (const [method, pattern, answer] of routes) {
    const found = method === ask.method ? pattern.exec(ask.path) : null;
    if (found !== null)
      return answer(
        state,
        ask,
        found.slice(1).map((part = '') => decodeURIComponent(part)),
      );
  }
  return null;
}

/** One page of a list, with the Link header of both forges. */
export function page(
  ask: ForgeAsk,
  all: readonly unknown[],
  wrap: (some: unknown[]) => unknown = (some) => some,
): ForgeAnswer {
  const size = Math.min(100, Number(ask.query.get('per_page') ?? 30));
  const at = Math.max(1, Number(ask.query.get('page') ?? 1));
  const last = Math.max(1, Math.ceil(all.length / size));
  const address = (number: number) => {
    const query = new URLSearchParams(ask.query);
    query.set('page', String(number));
    return `<${ask.base}${ask.path}?${query}>`;
  };
  const links = at < last ? [`${address(at + 1)}; rel="next"`, `${address(last)}; rel="last"`] : [];
  const headers: Record<string, string> = links.length === 0 ? {} : { link: links.join(', ') };
  return { status: 200, body: wrap(all.slice((at - 1) * size, at * size)), headers };
}

export const etagOf = (body: string): string =>
  `W/"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`;

export const numberOf = (part: string | undefined) => Number(part ?? Number.NaN);
