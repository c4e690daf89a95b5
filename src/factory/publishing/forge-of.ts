import { usageError } from '../../lib/failure.ts';
import { decoded } from '../../lib/text/text.ts';
import { type ForgeConfig, type ForgesFile, gitHost } from '../model/forge/forge.ts';
import type { PushTarget } from '../ports.ts';

/** The forge of a remote. */
export interface FoundForge {
  config: ForgeConfig;
  /** Its token proves who pushes: the remote is at its own host, and nobody on the way can read along. */
  takesToken: boolean;
}

/**
 * The forge that a remote belongs to: by its host and the name of the repository, or by that name alone (an alias of ssh, a copy on
 * this machine). Throws `usage`: `forge_missing`, `forge_ambiguous`.
 *
 * @param meant of a remote that nobody chose, on this machine, whose name tells nothing: the forge with this id, or the only one
 */
export function forgeOf(
  { forges }: ForgesFile,
  { remote, url }: Pick<PushTarget, 'remote' | 'url'>,
  meant: { id: string | undefined } | null = null,
): FoundForge {
  const place = placeOf(url);
  const named = forges.filter((forge) =>
    [forge.repository, ...forge.formerly].some((name) => isNamed(place.path, name)),
  );
  const own = named.filter((forge) => isAt(forge, place.host));
  const fit = own.length > 0 ? own : named.length > 0 ? named : meantHere(forges, place, meant);
  const [config] = fit;
  if (config === undefined)
    throw usageError(
      'forge_missing',
      `No forge is known for the remote ${remote} (${place.path})`,
      `Add it: df forge add ${howToAdd(url, place)} --token-env VARIABLE.`,
    );
  if (fit.length > 1)
    throw usageError(
      'forge_ambiguous',
      `Several forges may be meant by the remote ${remote}: ${fit.map(({ id }) => id).join(', ')}`,
      'Remove those that are not: df forge remove.',
    );
  const isSafe = /^https:/.test(url) || (/^http:/.test(url) && isLoopback(place.host ?? ''));
  return { config, takesToken: isSafe && isAt(config, place.host) };
}

function meantHere(
  forges: readonly ForgeConfig[],
  { host }: Place,
  meant: { id: string | undefined } | null,
): readonly ForgeConfig[] {
  if (meant === null || !(host === null || isLoopback(host))) return [];
  if (meant.id !== undefined) return forges.filter(({ id }) => id === meant.id);
  return forges.length === 1 ? forges : [];
}

const isLoopback = (host: string) => /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/.test(host);

interface Place {
  host: string | null;
  path: string;
}

/** What of `df forge add` the address of a remote tells; a folder on this machine tells nothing. */
function howToAdd(address: string, { host, path }: Place): string {
  const known = /(^|\.)git(hub|lab)\b/.exec(host ?? '')?.[2];
  const kind = known === undefined ? 'github|gitlab' : `git${known}`;
  // ssh has a port of its own.
  const its = /^https?:/.test(address) ? new URL(address).origin : `https://${host?.replace(/:\d+$/, '')}`;
  const url = host === null || /^git(hub|lab)\.com$/.test(host) ? '' : ` --url ${its}`;
  return `--kind ${kind} --repo ${host === null || path === '' ? 'OWNER/NAME' : path}${url}`;
}

/** What an address of git names: https://host/owner/name.git, ssh://git@host/owner/name, git@host:owner/name, or a folder. */
function placeOf(address: string): Place {
  const scp = /^(?:[^@/:]+@)?([^/:]+):(?!\/\/)(.+)$/.exec(address);
  const url = scp === null && URL.canParse(address) ? new URL(address) : null;
  const host = url !== null ? (url.protocol === 'file:' ? null : url.host) : (scp?.[1] ?? null);
  const path = url?.pathname ?? scp?.[2] ?? address;
  return {
    host: host === '' ? null : host,
    path: decoded(path)
      .replace(/^\/+|\/+$/g, '')
      .replace(/\.git$/, ''),
  };
}

const isNamed = (path: string, name: string): boolean =>
  `/${path}`.toLowerCase().endsWith(`/${name}`.toLowerCase());

/** ssh has another port than the API, and so may have git. */
function isAt(forge: ForgeConfig, host: string | null): boolean {
  return host !== null && withoutPort(host) === withoutPort(gitHost(forge));
}

const withoutPort = (host: string) => host.replace(/:\d+$/, '');
