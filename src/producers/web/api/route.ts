/** What an address of the API takes and gives: routes, their door and OpenAPI all follow from one declaration. */
import type { Response } from 'express';
import type * as z from 'zod';
import type { Role } from '../../../factory/model/access.ts';
import type { Services } from '../../../services.ts';
import type { Identity } from '../auth/tokens.ts';

export interface ApiContext {
  services: Services;
  env: NodeJS.ProcessEnv;
  /** Who asks. */
  identity: Identity;
  /** For answers that are no JSON document, and for headers. */
  response: Response;
  /** Aborted when nobody waits for the answer any more. */
  signal: AbortSignal;
}

export interface Route<Query = unknown, Body = unknown> {
  method: 'get' | 'post' | 'put' | 'delete';
  /** Below `/api/v1`, with `:name` for a part that is given. */
  path: string;
  /** The least that may ask. */
  role: Role;
  /** One line for OpenAPI. */
  summary: string;
  query?: z.ZodType<Query>;
  body?: z.ZodType<Body>;
  /** Of the answer. Missing: the handler answers by itself (a stream, a text). */
  answer?: z.ZodType;
  /** Of a good answer. Default: 200. */
  status?: number;
  /** @returns the document, or `undefined` where it has answered by itself */
  handle(
    asked: { params: Readonly<Record<string, string>>; query: Query; body: Body },
    context: ApiContext,
  ): Promise<unknown>;
}

/** Gives the handler the types of its schemas, and forgets them for the list of all routes. */
export function route<Query, Body>(declared: Route<Query, Body>): Route {
  return declared as unknown as Route;
}
