/**
 * A forge on loopback: the REST APIs of GitHub (`/api/v3`) and GitLab (`/api/v4`) over one repository, and that repository itself over
 * HTTP (`/owner/name.git`), pushed to with a token as the password.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { etagOf, type ForgeAnswer, type ForgeAsk } from './answer.ts';
import { serveGit } from './git-http.ts';
import { answerAsGitHub } from './github.ts';
import { answerAsGitLab } from './gitlab.ts';
import { createForgeState } from './state.ts';

export interface ForgeRequest {
  method: string;
  /** Path and query. */
  path: string;
  status: number;
  /** It asked by an ETag. */
  conditional: boolean;
}

/** What goes wrong with a request. */
export type ForgeFault =
  /** Its effect is there, the reply is not. */
  | 'lose reply'
  /** Neither is. */
  | 'cut'
  /** Nothing comes for ever. */
  | 'hang'
  | { status: number; body?: unknown; headers?: Record<string, string> };

export interface ForgeServerOptions {
  repository?: string;
  /** Branches that nobody may push to. */
  protected?: readonly string[];
  /** Whether the server is closed with the test; default. */
  closeWithTest?: boolean;
}

export async function startForgeServer(options: ForgeServerOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'df-test-forge-'));
  const state = createForgeState(options.repository ?? 'acme/shop', folder);
  makeBare(state.bare(), options.protected ?? []);
  const requests: ForgeRequest[] = [];
  let watcher: (() => void) | null = null;
  const faults: { matches: RegExp; fault: ForgeFault }[] = [];

  const nextFault = (line: string): ForgeFault | undefined => {
    const index = faults.findIndex(({ matches }) => matches.test(line));
    return index < 0 ? undefined : faults.splice(index, 1)[0]?.fault;
  };

  async function answerApi(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const { method = 'GET', headers } = request;
    const body = await bodyOf(request);
    const note = {
      method,
      path: `${url.pathname}${url.search}`,
      status: 0,
      conditional: 'if-none-match' in headers,
    };
    requests.push(note);
    watcher?.();
    const fault = nextFault(`${method} ${url.pathname}`);
    if (fault === 'hang') return;
    if (fault === 'cut') return void response.destroy();
    if (typeof fault === 'object') {
      note.status = fault.status;
      response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers });
      const { body: said = { message: 'fault' } } = fault;
      response.end(typeof said === 'string' ? said : JSON.stringify(said));
      return;
    }
    const isGitHub = url.pathname.startsWith('/api/v3') || url.pathname === '/api/graphql';
    const base = `${url.origin}${isGitHub ? '/api/v3' : '/api/v4'}`;
    const given = /^(?:Bearer|token) (.+)$/i.exec(headers.authorization ?? '')?.[1];
    const token = state.tokens.get(given ?? '') ?? null;
    const path = url.pathname.replace(/^\/api\/(v3|v4)?/, (_, version) => (version === undefined ? '/' : ''));
    const ask: ForgeAsk = { method, path, query: url.searchParams, body, token, base };
    const limited: ForgeAnswer = isGitHub
      ? { status: 403, body: { message: 'API rate limit exceeded for user ID 1.' } }
      : { status: 429, body: 'Retry later\n', headers: { 'retry-after': '3600' } };
    const answer = state.left <= 0 ? limited : (isGitHub ? answerAsGitHub : answerAsGitLab)(state, ask);
    if (fault === 'lose reply') return void response.destroy();
    note.status = send(request, response, answer, isGitHub ? token?.scopes.join(', ') : null);
  }

  function send(
    request: IncomingMessage,
    response: ServerResponse,
    answer: ForgeAnswer,
    /** `null`: it is GitLab that answers. */
    scopes: string | undefined | null,
  ): number {
    const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
    const etag = etagOf(text);
    const unchanged = answer.status === 200 && request.headers['if-none-match'] === etag;
    // GitHub counts no answer that says nothing new.
    if (!unchanged || scopes === null) state.left -= 1;
    const limit = scopes === null ? 'ratelimit' : 'x-ratelimit';
    const status = unchanged ? 304 : answer.status;
    response.writeHead(status, {
      'content-type': typeof answer.body === 'string' ? 'text/plain' : 'application/json; charset=utf-8',
      ...(answer.status === 200 ? { etag } : {}),
      [`${limit}-limit`]: '5000',
      [`${limit}-remaining`]: String(Math.max(0, state.left)),
      [`${limit}-reset`]: String(Math.ceil(Date.now() / 1_000) + 3_600),
      ...(typeof scopes === 'string' ? { 'x-oauth-scopes': scopes } : {}),
      ...answer.headers,
    });
    response.end(unchanged ? '' : text);
    return status;
  }

  function answerGit(request: IncomingMessage, response: ServerResponse, url: URL): void {
    const { method = 'GET', headers } = request;
    requests.push({ method, path: `${url.pathname}${url.search}`, status: 0, conditional: false });
    watcher?.();
    const former = state.formerNames.find((name) => url.pathname.startsWith(`/${name}.git/`));
    if (former !== undefined) {
      const location = url.href.replace(`/${former}.git/`, `/${state.repository}.git/`);
      response.writeHead(301, { location }).end();
      return;
    }
    const [, password = ''] = decodeBasic(headers.authorization).split(/:(.*)/s);
    const token = state.tokens.get(password);
    if (token === undefined) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="forge"' }).end('Authentication required');
      return;
    }
    const writes =
      url.pathname.endsWith('/git-receive-pack') || url.searchParams.get('service') === 'git-receive-pack';
    if (writes && !token.mayWrite) {
      response.writeHead(403).end(`Permission to ${state.repository}.git denied to ${token.user}.`);
      return;
    }
    // The bare repository keeps its place when the repository is renamed.
    const first = `/${[...state.formerNames, state.repository][0]}.git/`;
    const path = url.pathname.replace(`/${state.repository}.git/`, first);
    serveGit(request, response, { folder, path, query: url.searchParams.toString(), user: token.user });
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
    const [, stored] = /^\/log-store\/(\d+)$/.exec(url.pathname) ?? [];
    if (stored !== undefined) {
      // A store for logs is elsewhere: a token that comes there has been given away.
      const leaked = request.headers.authorization !== undefined;
      const log = state.checks.find((each) => each.id === Number(stored))?.log ?? '';
      response.writeHead(leaked ? 400 : 200).end(leaked ? 'a token came along' : log);
    } else if (url.pathname.startsWith('/api/'))
      answerApi(request, response, url).catch((error: unknown) => {
        response.writeHead(500).end(String(error));
      });
    else answerGit(request, response, url);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = async () => {
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  if (options.closeWithTest ?? true) onTestFinished(close);
  return {
    ...{ url, state, requests, close },
    github: `${url}/api/v3`,
    gitlab: `${url}/api/v4`,
    /** What the repository is cloned from and pushed to. */
    remote: () => `${url}/${state.repository}.git`,
    bareFolder: join(folder, `${state.repository}.git`),
    /** Is called with each request when it has come, before anything is done about it; `null`: nobody is. */
    watch(each: (() => void) | null) {
      watcher = each;
    },
    /** The next request whose `METHOD /path` matches meets this. */
    fail(matches: RegExp, fault: ForgeFault) {
      faults.push({ matches, fault });
    },
  };
}
export type ForgeServer = Awaited<ReturnType<typeof startForgeServer>>;

function makeBare(folder: string, refused: readonly string[]): void {
  mkdirSync(folder, { recursive: true });
  const git = (...args: string[]) => execFileSync('git', ['--git-dir', folder, ...args]);
  git('init', '--quiet', '--bare', '--initial-branch=main', folder);
  git('config', 'http.receivepack', 'true');
  const hook = join(folder, 'hooks', 'update');
  const cases = refused
    .map(
      (branch) =>
        `  refs/heads/${branch}) echo "error: GH006: Protected branch update failed for $1." >&2; exit 1;;`,
    )
    .join('\n');
  mkdirSync(join(folder, 'hooks'), { recursive: true });
  writeFileSync(hook, `#!/bin/sh\ncase "$1" in\n${cases}\nesac\nexit 0\n`);
  chmodSync(hook, 0o755);
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

function decodeBasic(header: string | undefined): string {
  const [, coded = ''] = /^Basic (.+)$/i.exec(header ?? '') ?? [];
  return Buffer.from(coded, 'base64').toString('utf8');
}
