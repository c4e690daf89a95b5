/** The pages, Bull Board, the API and what monitoring systems ask, behind one door on one port. */
import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { isIP } from 'node:net';
import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Response } from 'express';
import type { Role, TokensFile } from '../../factory/model/access.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import type { Log } from '../../lib/log.ts';
import type { Bus } from '../../queues/bus.ts';
import { CONTENT_TYPE } from '../health/exposition.ts';
import type { Monitor } from '../health/monitor.ts';
import { answerError } from './api/answer-error.ts';
import { checkHost, checkOrigin, checkSite, checkToken } from './auth/door.ts';
import { findSession, findToken } from './auth/tokens.ts';
import { createWrongTokens } from './auth/wrong-tokens.ts';
import { sendHeaders } from './headers.ts';
import { type ProjectNames, queuePages } from './queues.ts';
import { refuse } from './refuse.ts';

export interface WebOptions {
  queues: Bus['queues'];
  /** Loopback unless the owner says otherwise. */
  host: string;
  /** 0: any free one. */
  port: number;
  /** Of the link. Default: a new random one. */
  token?: string;
  /** What whoever has the link may do. */
  role: Role;
  /** The tokens that the owner gave out. Missing: none. */
  tokens?(): Promise<TokensFile>;
  now(): Date;
  /** For the names of jobs. Missing: their ids are shown. */
  projectNames?: ProjectNames;
  /** Is told of each change that was made to jobs, for the audit log. */
  onQueueChange?(what: string, by: string): void;
  /** Below `/api/v1`. Missing: there is none. */
  api?: RequestHandler;
  /** Everything else. Missing: nothing is there. */
  pages?: RequestHandler;
  /** Behind `/healthz`, which is open and tells no more than one word, and `/metrics`. Missing: there are none. */
  monitor?: Pick<Monitor, 'status' | 'metrics'>;
  /** Where surprises are written down. Missing: nowhere. */
  log?: Pick<Log, 'error'>;
}

export interface Web {
  /** With the token: whoever has this link is in. */
  url: string;
  close(): Promise<void>;
}

/**
 * Serves until `close`.
 *
 * @throws DarkFactoryError `environment`/`port_taken`, `environment`/`board_address`
 */
export async function startWeb(options: WebOptions): Promise<Web> {
  const token = options.token ?? randomBytes(24).toString('base64url');
  const { monitor, tokens, queues, onQueueChange, now } = options;
  const app = express().disable('x-powered-by');
  app.use(sendHeaders, checkHost(options.host));
  if (monitor !== undefined) app.get('/healthz', answerHealth(monitor));
  const find = async (shown: string) => (tokens === undefined ? null : findToken(await tokens(), shown));
  const held = async (shown: string) => (tokens === undefined ? null : findSession(await tokens(), shown));
  const link = { token, role: options.role };
  const wrong = createWrongTokens();
  app.use(checkSite, checkToken({ link, find, findSession: held, wrong, now }), checkOrigin);
  if (monitor !== undefined) app.get('/metrics', answerMetrics(monitor));
  app.use(QUEUES, queuePages(queues, QUEUES, options.projectNames, onQueueChange));
  if (options.api !== undefined) app.use('/api/v1', options.api);
  if (options.pages !== undefined) app.use(options.pages);
  app.use(nothingThere, answerErrors(options.log));
  const server = createServer(app);
  const port = await listen(server, options.host, options.port);
  const shown = isIP(options.host) === 6 ? `[${options.host}]` : options.host;
  return {
    url: `http://${shown === '0.0.0.0' || shown === '[::]' ? '127.0.0.1' : shown}:${port}/?token=${token}`,
    close() {
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

const QUEUES = '/queues';

/** 200 while work can be done, 503 otherwise: what a load balancer or an orchestrator looks at. */
function answerHealth(monitor: Pick<Monitor, 'status'>): RequestHandler {
  return async (_request, response) => {
    const status = await monitor.status().catch(() => 'not_ready' as const);
    response.status(status === 'not_ready' ? 503 : 200).json({ status });
  };
}

function answerMetrics(monitor: Pick<Monitor, 'metrics'>): RequestHandler {
  return async (_request, response) => {
    const text = await monitor.metrics();
    response.set('Content-Type', CONTENT_TYPE).send(text);
  };
}

function nothingThere(_request: Request, response: Response): void {
  refuse(
    response,
    404,
    'not_found',
    'There is nothing at this address',
    'Begin at / or at /api/v1/openapi.json.',
  );
}

/** Express' own answer would show a stack with paths of this machine. Four arguments make it an error handler. */
function answerErrors(log: Pick<Log, 'error'> | undefined): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) next(error);
    else if (error instanceof URIError)
      refuse(response, 400, 'bad_address', 'This address cannot be read', 'Check it.');
    else answerError(error, response, log);
  };
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(
        new DarkFactoryError(
          'environment',
          taken ? 'port_taken' : 'board_address',
          `The board cannot listen on ${host}:${port}: ${taken ? 'the port is in use' : error.message}`,
          'Choose another one with --port, or board.host and board.port in config.yaml.',
          { cause: error },
        ),
      );
    });
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
