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

/** What of all projects the board shows. */
export type ProjectNames = () => Promise<ReadonlyMap<string, string>>;

/**
 * Bull Board below `path`: for owners with its buttons, for everybody else to look at.
 *
 * @param names of projects, by their ids; asked for with each look
 * @param onChange is told of each change that was made, and by whom
 */
export function queuePages(
  queues: Bus['queues'],
  path: string,
  names?: ProjectNames,
  onChange?: (what: string, by: string) => void,
): RequestHandler {
  let known: ReadonlyMap<string, string> = new Map();
  const nameOf = (id: string) => known.get(id);
  const [looking, changing] = [bullBoard(queues, path, nameOf, true), bullBoard(queues, path, nameOf, false)];
  return Router().use(
    withoutOutsideLinks,
    async (request: Request, response: Response, next: NextFunction) => {
      if (names !== undefined && request.path.startsWith('/api/')) known = await names();
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
    },
  );
}

function bullBoard(
  queues: Bus['queues'],
  path: string,
  nameOf: (projectId: string) => string | undefined,
  readOnlyMode: boolean,
): RequestHandler {
  const serverAdapter = new ExpressAdapter().setBasePath(path);
  createBullBoard({
    queues: queueNames.map(
      (name) => new ShownQueue(nameOf, queues[name], { readOnlyMode, description: catalogue[name].purpose }),
    ),
    serverAdapter,
    options: { uiConfig: { boardTitle: 'Dark Factory', hideRedisDetails: true } },
  });
  return (serverAdapter.getRouter() as express.Express).disable('x-powered-by');
}

/** What is known of a job, of all its fields. */
interface JobShown {
  name?: string;
  data?: { projectId?: string; box?: string };
  returnvalue?: unknown;
  failedReason?: string;
}

/** A queue as people read it: jobs bear the name of their project, and what came of their work counts, not that they ran. */
class ShownQueue extends BullMQAdapter {
  constructor(
    nameOf: (projectId: string) => string | undefined,
    ...queue: ConstructorParameters<typeof BullMQAdapter>
  ) {
    super(...queue);
    this.setFormatter('name', ({ name = '', data }: JobShown) => {
      const project = nameOf(data?.projectId ?? data?.box ?? '');
      return project === undefined ? name : `${project.slice(0, 60)}: ${name.replace(/^[0-9a-f]{8} /, '')}`;
    });
  }

  override async getJobs(...which: Parameters<BullMQAdapter['getJobs']>) {
    return (await super.getJobs(...which)).map(withOutcome);
  }

  override async getJob(id: string) {
    const found = await super.getJob(id);
    return found ? withOutcome(found) : found;
  }
}

function withOutcome<T extends { toJSON(): object }>(job: T): T {
  const fields = job.toJSON.bind(job);
  job.toJSON = () => {
    const shown: JobShown = fields();
    const { returnvalue } = shown;
    const isBad = typeof returnvalue === 'string' && returnvalue.startsWith('work failed');
    return isBad ? { ...shown, failedReason: returnvalue } : shown;
  };
  return job;
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
