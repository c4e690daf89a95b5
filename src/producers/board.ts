/** The queues in a browser: Bull Board behind a door of our own. The one home of express and Bull Board. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { isIP } from 'node:net';
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import express, { type NextFunction, type Request, type Response } from 'express';
import { DarkFactoryError } from '../lib/failure.ts';
import type { Bus } from '../queues/bus.ts';
import { catalogue, queueNames } from '../queues/jobs/catalogue.ts';
import { CONTENT_TYPE } from './health/exposition.ts';
import type { Monitor } from './health/monitor.ts';

export interface BoardOptions {
  queues: Bus['queues'];
  /** Loopback unless the owner says otherwise. */
  host: string;
  /** 0: any free one. */
  port: number;
  /** Default: a new random one. */
  token?: string;
  /** Jobs and queues may be looked at only. */
  readOnly: boolean;
  /** Hears of each change that was made, for the audit log. */
  onChange?(what: string): void;
  /** Behind `/healthz`, which is open and tells no more than one word, and `/metrics`. Missing: there are none. */
  monitor?: Monitor;
}

export interface Board {
  /** With the token: whoever has this link is in. */
  url: string;
  close(): Promise<void>;
}

const LOOPBACK: readonly string[] = ['127.0.0.1', 'localhost', '[::1]'];
const READING: readonly string[] = ['GET', 'HEAD'];
/** Of a response's locals: the token was shown in `Authorization`. */
const BY_BEARER = 'byBearer';

/** Nothing may be loaded from or sent to another place; the page's own fonts request is taken out as well. */
const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'self'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'Cache-Control': 'no-store',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

/**
 * Serves the board until `close`.
 *
 * @throws DarkFactoryError `environment`/`port_taken`, `environment`/`board_address`
 */
export async function startBoard(options: BoardOptions): Promise<Board> {
  const token = options.token ?? randomBytes(24).toString('base64url');
  const app = express().disable('x-powered-by');
  app.use(sendHeaders, checkHost(options.host));
  const { monitor } = options;
  if (monitor !== undefined) app.get('/healthz', answerHealth(monitor));
  app.use(checkToken(token), checkOrigin);
  if (monitor !== undefined) app.get('/metrics', answerMetrics(monitor));
  if (options.readOnly) app.use(refuseChanges);
  app.use(withoutOutsideLinks, tellChanges(options), bullBoard(options), answerError);
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

/** 200 while work can be done, 503 otherwise: what a load balancer or an orchestrator looks at. */
function answerHealth(monitor: Monitor): express.RequestHandler {
  return async (_request, response) => {
    const status = await monitor.status().catch(() => 'not_ready' as const);
    response.status(status === 'not_ready' ? 503 : 200).json({ status });
  };
}

function answerMetrics(monitor: Monitor): express.RequestHandler {
  return async (_request, response) => {
    const text = await monitor.metrics();
    response.set('Content-Type', CONTENT_TYPE).send(text);
  };
}

function bullBoard({ queues, readOnly }: BoardOptions): express.RequestHandler {
  const serverAdapter = new ExpressAdapter();
  createBullBoard({
    queues: queueNames.map(
      (name) =>
        new BullMQAdapter(queues[name], { readOnlyMode: readOnly, description: catalogue[name].purpose }),
    ),
    serverAdapter,
    options: { uiConfig: { boardTitle: 'Dark Factory', hideRedisDetails: true } },
  });
  return (serverAdapter.getRouter() as express.Express).disable('x-powered-by');
}

function sendHeaders(_request: Request, response: Response, next: NextFunction): void {
  response.set(HEADERS);
  next();
}

/**
 * A page of another name that was made to point at this machine (DNS rebinding) is not served. An address as such cannot
 * be rebound, so where the board listens beyond loopback every address is good.
 */
function checkHost(host: string) {
  const beyondLoopback = !LOOPBACK.includes(host) && host !== '::1';
  return (request: Request, response: Response, next: NextFunction): void => {
    const name = URL.canParse(`http://${request.headers.host}`)
      ? new URL(`http://${request.headers.host}`).hostname
      : '';
    const isAddress = isIP(name.replace(/^\[|\]$/g, '')) !== 0;
    if (LOOPBACK.includes(name) || (beyondLoopback && (isAddress || name === host))) next();
    else refuse(response, 403, 'this board is not served under that name');
  };
}

/**
 * The token comes with the link, as a bearer, or in the cookie that the link leaves. The link answers with a redirect, so
 * that the token stays out of the history and of what the page could send on.
 */
function checkToken(token: string) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const [path = '', query = ''] = request.originalUrl.split(/\?(.*)/s);
    const parameters = new URLSearchParams(query);
    const cookie = `df_board_${request.socket.localPort}`;
    const given = parameters.get('token');
    if (given !== null && same(given, token) && READING.includes(request.method)) {
      parameters.delete('token');
      response.cookie(cookie, token, { httpOnly: true, sameSite: 'strict', path: '/' });
      // Within this board whatever the path is: `//evil.example` would lead elsewhere.
      const rest = parameters.size === 0 ? '' : `?${parameters}`;
      response.redirect(303, `/${path.replace(/^[/\\]+/, '')}${rest}`);
      return;
    }
    // Whoever shows a bearer means it: a wrong one is not made good by a cookie that the browser sends along.
    const bearer = /^Bearer(?: +(.*))?$/i.exec(request.headers.authorization ?? '');
    const shown = bearer === null ? cookieOf(request, cookie) : (bearer[1] ?? '');
    response.locals[BY_BEARER] = bearer !== null;
    if (same(shown, token)) next();
    else refuse(response, 401, 'open the link that `df board` printed; it carries the token');
  };
}

/**
 * A change must come from our own page, which browsers say in `Origin`. A program must show the token as a bearer, which no page
 * of another site can: a cookie alone, whatever else stands beside it, is what a browser sends along unasked.
 */
function checkOrigin(request: Request, response: Response, next: NextFunction): void {
  if (READING.includes(request.method)) {
    next();
    return;
  }
  const { origin, host } = request.headers;
  const site = request.headers['sec-fetch-site'];
  const from = origin === undefined ? response.locals[BY_BEARER] === true : origin === `http://${host}`;
  if (from && (site === undefined || site === 'same-origin')) next();
  else refuse(response, 403, 'changes are taken from this board only');
}

function tellChanges({ onChange }: BoardOptions) {
  return (request: Request, response: Response, next: NextFunction): void => {
    if (!READING.includes(request.method))
      response.once('finish', () => {
        if (response.statusCode < 400) onChange?.(`${request.method} ${request.path.slice(0, 200)}`);
      });
    next();
  };
}

function refuseChanges(request: Request, response: Response, next: NextFunction): void {
  if (READING.includes(request.method)) next();
  else refuse(response, 405, 'this board is read-only; start it with --writable to change jobs');
}

/** Bull Board's page asks a foreign server for fonts. The policy above forbids it; here the request is not even made. */
function withoutOutsideLinks(_request: Request, response: Response, next: NextFunction): void {
  const send = response.send.bind(response);
  response.send = (body: unknown) =>
    send(typeof body === 'string' ? body.replace(/<link\b[^>]*\bhref="(?:https?:)?\/\/[^>]*>/gi, '') : body);
  next();
}

/** Express' own answer would show a stack with paths of this machine. Four arguments make it an error handler. */
function answerError(error: unknown, _request: Request, response: Response, next: NextFunction): void {
  if (response.headersSent) next(error);
  else if (error instanceof URIError) refuse(response, 400, 'this address cannot be read');
  else refuse(response, 500, error instanceof Error ? error.message : 'the board failed');
}

function refuse(response: Response, status: number, message: string): void {
  response.status(status).json({ error: message });
}

/** Compares in constant time whatever the lengths are. */
function same(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

function cookieOf(request: Request, name: string): string {
  const pair = (request.headers.cookie ?? '').split(/;\s*/).find((each) => each.startsWith(`${name}=`));
  return pair?.slice(name.length + 1) ?? '';
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
