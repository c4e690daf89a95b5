/** Mounts the routes: role, query and body are checked, then the handler is asked. */
import express, {
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
  Router,
} from 'express';
import * as z from 'zod';
import type { Services } from '../../../services.ts';
import { identityOf, requireRole } from '../auth/door.ts';
import { refuse } from '../refuse.ts';
import { answerError } from './answer-error.ts';
import type { ApiContext, Route } from './route.ts';

/** Of a body. The longest thing that anybody sends is a description or a persona. */
const MOST_BYTES = 1024 * 1024;

export function mountApi(routes: readonly Route[], services: Services, env: NodeJS.ProcessEnv): Router {
  const router = Router({ caseSensitive: true });
  const json = express.json({ limit: MOST_BYTES, strict: false, type: () => true });
  for (const each of routes)
    router[each.method](
      each.path,
      requireRole(each.role),
      ...(each.body === undefined ? [] : [json]),
      answer(each, services, env),
    );
  router.use(
    refuseMethod(routes),
    (error: unknown, _request: Request, response: Response, _next: NextFunction) =>
      refuseBody(error, response),
  );
  return router;
}

function answer(route: Route, services: Services, env: NodeJS.ProcessEnv): RequestHandler {
  return async (request, response) => {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const identity = identityOf(response);
    const context: ApiContext = {
      services: { ...services, ...services.inNameOf(identity.by) },
      env,
      identity,
      response,
      signal: gone.signal,
    };
    const query = read(route.query ?? z.strictObject({}), request.query);
    const body = read(route.body ?? z.unknown(), request.body ?? {});
    const wrong = query.success ? body : query;
    if (!query.success || !body.success) {
      const where = query.success ? 'body' : 'query';
      refuse(
        response,
        400,
        'invalid_request',
        `The ${where} cannot be taken: ${problemOf(wrong.error)}`,
        'See /api/v1/openapi.json for what this address takes.',
      );
      return;
    }
    try {
      const params = request.params as Record<string, string>;
      const document = await route.handle({ params, query: query.data, body: body.data }, context);
      if (document !== undefined) response.status(route.status ?? 200).json(document);
    } catch (error) {
      if (!gone.signal.aborted) answerError(await services.explain(error), response, services.log);
    }
  };
}

function read(schema: z.ZodType, value: unknown) {
  return schema.safeParse(value);
}

function problemOf(error: z.ZodError | undefined): string {
  const [issue] = error?.issues ?? [];
  if (issue === undefined) return 'it is not as it should be';
  const place = issue.path.map(String).join('.');
  return place === '' ? issue.message : `${place}: ${issue.message}`;
}

/** An address that is there, asked in another way, says in which ways it may be. */
function refuseMethod(routes: readonly Route[]): RequestHandler {
  const known = routes.map(({ path, method }) => ({
    method: method.toUpperCase(),
    pattern: new RegExp(`^${path.replace(/:[a-z]+/gi, '[^/]+')}/?$`),
  }));
  return (request, response, next) => {
    const allowed = known.filter(({ pattern }) => pattern.test(request.path)).map(({ method }) => method);
    if (allowed.length === 0) {
      next();
      return;
    }
    response.set('Allow', allowed.join(', '));
    refuse(
      response,
      405,
      'method_not_allowed',
      `This address takes ${allowed.join(' or ')} only`,
      'See /api/v1/openapi.json.',
    );
  };
}

/** What express says of a body: too long, no JSON, cut. */
function refuseBody(error: unknown, response: Response): void {
  const status =
    error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : 500;
  if (status === 413)
    refuse(response, 413, 'body_too_large', `The body has more than ${MOST_BYTES} bytes`, 'Send less.');
  else if (status < 500)
    refuse(
      response,
      400,
      'body_invalid',
      'The body is no JSON document',
      'Send one with Content-Type: application/json.',
    );
  else refuse(response, 500, 'failed', 'Something unexpected happened', 'Try again.');
}
