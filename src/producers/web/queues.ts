/** The queues in a browser. The one home of Bull Board. */
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import express, {
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
  Router,
} from 'express';
import type { Bus } from '../../queues/bus.ts';
import { catalogue, queueNames } from '../../queues/jobs/catalogue.ts';
import { identityOf, isReading } from './auth/door.ts';
import { mayDo } from './auth/tokens.ts';
import { refuse } from './refuse.ts';

/**
 * Bull Board below `path`: for owners with its buttons, for everybody else to look at.
 *
 * @param onChange is told of each change that was made, and by whom
 */
export function queuePages(
  queues: Bus['queues'],
  path: string,
  onChange?: (what: string, by: string) => void,
): RequestHandler {
  const [looking, changing] = [bullBoard(queues, path, true), bullBoard(queues, path, false)];
  return Router().use(withoutOutsideLinks, (request: Request, response: Response, next: NextFunction) => {
    const identity = identityOf(response);
    if (mayDo(identity, 'owner')) {
      if (!isReading(request)) tell(request, response, (what) => onChange?.(what, identity.by));
      changing(request, response, next);
    } else if (isReading(request)) looking(request, response, next);
    else
      refuse(
        response,
        405,
        'read_only',
        'You may look at jobs only',
        'Start the board with --writable, or use a token of an owner.',
      );
  });
}

function bullBoard(queues: Bus['queues'], path: string, readOnlyMode: boolean): RequestHandler {
  const serverAdapter = new ExpressAdapter().setBasePath(path);
  createBullBoard({
    queues: queueNames.map(
      (name) => new BullMQAdapter(queues[name], { readOnlyMode, description: catalogue[name].purpose }),
    ),
    serverAdapter,
    options: { uiConfig: { boardTitle: 'Dark Factory', hideRedisDetails: true } },
  });
  return (serverAdapter.getRouter() as express.Express).disable('x-powered-by');
}

function tell(request: Request, response: Response, told: (what: string) => void): void {
  const what = `${request.method} ${request.path.slice(0, 200)}`;
  response.once('finish', () => {
    if (response.statusCode < 400) told(what);
  });
}

/** Bull Board's page asks a foreign server for fonts. The policy forbids it; here the request is not even made. */
function withoutOutsideLinks(_request: Request, response: Response, next: NextFunction): void {
  const send = response.send.bind(response);
  response.send = (body: unknown) =>
    send(typeof body === 'string' ? body.replace(/<link\b[^>]*\bhref="(?:https?:)?\/\/[^>]*>/gi, '') : body);
  next();
}
