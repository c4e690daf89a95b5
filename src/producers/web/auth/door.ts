/** Who comes in: hosts, tokens, cookies and origins, before anything is answered. */
import { isIP } from 'node:net';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { Role } from '../../../factory/model/access.ts';
import { refuse } from '../refuse.ts';
import { type Identity, mayDo, sameSecret, sessionOf } from './tokens.ts';
import type { WrongTokens } from './wrong-tokens.ts';

export interface DoorOptions {
  /** The token of the link that was printed, and what it may do. */
  link: { token: string; role: Role };
  /** Whose a stored token is; `null`: nobody's. */
  find(token: string): Promise<Identity | null>;
  /** The same of the session of a stored token. */
  findSession(session: string): Promise<Identity | null>;
  wrong: WrongTokens;
  now(): Date;
}

const LOOPBACK: readonly string[] = ['127.0.0.1', 'localhost', '[::1]'];
const READING: readonly string[] = ['GET', 'HEAD'];

export function isReading(request: Request): boolean {
  return READING.includes(request.method);
}

/**
 * A page of another name that was made to point at this machine (DNS rebinding) is not served. An address as such cannot
 * be rebound, so where the pages listen beyond loopback every address is good.
 */
export function checkHost(host: string): RequestHandler {
  const beyondLoopback = !LOOPBACK.includes(host) && host !== '::1';
  return (request, response, next) => {
    const name = URL.canParse(`http://${request.headers.host}`)
      ? new URL(`http://${request.headers.host}`).hostname
      : '';
    const isAddress = isIP(name.replace(/^\[|\]$/g, '')) !== 0;
    if (LOOPBACK.includes(name) || (beyondLoopback && (isAddress || name === host))) next();
    else
      refuse(
        response,
        403,
        'host_refused',
        'This is not served under that name',
        'Use the address that df board printed.',
      );
  };
}

/** A browser says that a page of another site, or of another port of this machine, wants it. */
function isForeign(request: Request): boolean {
  const site = request.headers['sec-fetch-site'];
  return site === 'cross-site' || site === 'same-site';
}

/**
 * What a foreign page loads as its image, script or frame is refused unseen: its wrong tokens would count as those of whoever looks at it.
 * People who follow a link there come to see a page.
 */
export function checkSite(request: Request, response: Response, next: NextFunction): void {
  const { 'sec-fetch-mode': mode, 'sec-fetch-dest': destination } = request.headers;
  if (!isForeign(request) || (mode === 'navigate' && destination === 'document')) next();
  else
    refuse(
      response,
      403,
      'foreign_page',
      'No page of another site may load this',
      'Open the address that df board printed.',
    );
}

/** Whose wrong tokens are counted together. A foreign page can send a window here again and again: that holds up such windows alone. */
function triedBy(request: Request): string {
  return `${request.socket.remoteAddress ?? ''}${isForeign(request) ? ' from elsewhere' : ''}`;
}

/**
 * The token comes with the link, as a bearer, or by the session that the link leaves as a cookie. The link answers with a redirect,
 * so that the token stays out of the history and of what the page could send on.
 */
export function checkToken(options: DoorOptions): RequestHandler {
  const { link, wrong, now } = options;
  const linked: Identity = { role: link.role, by: 'link' };
  const identify = async (token: string): Promise<Identity | null> =>
    sameSecret(token, link.token) ? linked : options.find(token);
  const identifySession = async (session: string): Promise<Identity | null> =>
    sameSecret(session, sessionOf(link.token)) ? linked : options.findSession(session);
  return async (request, response, next) => {
    const link = linkIn(request);
    const { shown, bearer } = shownBy(request);
    const who = triedBy(request);
    const tried = [...(link === null ? [] : [link.token]), ...(shown === '' ? [] : [shown])];
    // First who it is: a token that is known is not held up by wrong ones, for instance of pages that were left open.
    for (const each of tried) {
      const isLink = each === link?.token;
      const identity = await (isLink || bearer ? identify(each) : identifySession(each));
      if (identity === null) continue;
      if (isLink) {
        goOn(request, response, { session: sessionOf(each), onwards: link.onwards });
        return;
      }
      response.locals[IDENTITY] = identity;
      response.locals[BY_BEARER] = bearer;
      next();
      return;
    }
    const wait = tried.length === 0 ? 0 : wrong.heldUp(who, now());
    if (wait > 0) {
      response.set('Retry-After', String(wait));
      const hint = `Try again in ${wait} s.`;
      refuse(response, 429, 'too_many_wrong_tokens', 'Too many wrong tokens came from your address', hint);
      return;
    }
    for (const _wrong of tried) wrong.count(who, now());
    const hint = 'Open the link that df board printed, or send a token of df token add as a bearer.';
    refuse(response, 401, 'unauthorized', 'No token, or one that is not known', hint);
  };
}

const IDENTITY = 'identity';
/** Of a response's locals: the token was shown in `Authorization`. */
const BY_BEARER = 'byBearer';

/** Of a request that `checkToken` let in. */
export function identityOf(response: Response): Identity {
  return response.locals[IDENTITY] as Identity;
}

/** Leaves a session as a cookie, which a browser does not send along where a page of another site began the way, redirects included. */
function goOn(
  request: Request,
  response: Response,
  { session, onwards }: { session: string; onwards: string },
): void {
  response.cookie(cookieName(request), session, { httpOnly: true, sameSite: 'strict', path: '/' });
  if (!isForeign(request)) response.redirect(303, onwards);
  else response.set('Refresh', `0; url=${onwards}`).type('text').send('It goes on in a moment.');
}

interface Link {
  token: string;
  onwards: string;
}

/** The token in the address, and where the address leads without it. */
function linkIn(request: Request): Link | null {
  if (!isReading(request)) return null;
  const [path = '', query = ''] = request.originalUrl.split(/\?(.*)/s);
  const parameters = new URLSearchParams(query);
  const token = parameters.get('token');
  if (token === null || token === '') return null;
  parameters.delete('token');
  const rest = parameters.size === 0 ? '' : `?${parameters}`;
  // Within these pages whatever the path is: `//evil.example` would lead elsewhere.
  return { token, onwards: `/${path.replace(/^[/\\]+/, '')}${rest}` };
}

/** Whoever shows a bearer means it: a wrong one is not made good by a cookie that the browser sends along. */
function shownBy(request: Request): { shown: string; bearer: boolean } {
  const bearer = /^Bearer(?: +(.*))?$/i.exec(request.headers.authorization ?? '');
  if (bearer !== null) return { shown: bearer[1] ?? '', bearer: true };
  return { shown: cookieOf(request, cookieName(request)), bearer: false };
}

/** A name of its own for each port: browsers share cookies between the ports of a host. */
function cookieName(request: Request): string {
  return `df_board_${request.socket.localPort}`;
}

/**
 * A change must come from our own page, which browsers say in `Origin`. A program must show the token as a bearer, which no page
 * of another site can: a cookie alone, whatever else stands beside it, is what a browser sends along unasked.
 */
export function checkOrigin(request: Request, response: Response, next: NextFunction): void {
  if (isReading(request)) {
    next();
    return;
  }
  const { origin, host } = request.headers;
  const site = request.headers['sec-fetch-site'];
  const from = origin === undefined ? response.locals[BY_BEARER] === true : origin === `http://${host}`;
  if (from && (site === undefined || site === 'same-origin')) next();
  else
    refuse(
      response,
      403,
      'foreign_origin',
      'Changes are taken from these pages only',
      'A program sends its token as a bearer.',
    );
}

/** Lets in whoever may do this much. */
export function requireRole(needed: Role): RequestHandler {
  return (_request, response, next) => {
    const identity = identityOf(response);
    if (mayDo(identity, needed)) next();
    else
      refuse(
        response,
        403,
        'role_missing',
        `This needs the role ${needed}; you have ${identity.role}`,
        needed === 'owner'
          ? 'Use a token of df token add NAME --role owner, or the link of df board --writable.'
          : `Use a token of df token add NAME --role ${needed}.`,
      );
  };
}

function cookieOf(request: Request, name: string): string {
  const pair = (request.headers.cookie ?? '').split(/;\s*/).find((each) => each.startsWith(`${name}=`));
  return pair?.slice(name.length + 1) ?? '';
}
