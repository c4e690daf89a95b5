import { isOfFuture } from '../../lib/clock.ts';
import { DarkFactoryError, usageError } from '../../lib/failure.ts';
import { FACTORY } from '../finance/deps.ts';
import type { NewEvent } from '../model/event.ts';
import { type ForgeConfig, type ForgeKind, type ForgesFile, forgeConfig } from '../model/forge/forge.ts';
import type { Forge, ForgeRepository, StateStore } from '../ports.ts';

/** What `df forge add` was given. */
export interface NewForge {
  id?: string | undefined;
  kind: ForgeKind;
  repository: string;
  url?: string | undefined;
}

/** The id that a forge gets when its owner names none: the name of its repository. */
export function forgeIdOf({ id, repository }: Pick<NewForge, 'id' | 'repository'>): string {
  if (id !== undefined) return id;
  const name = repository.slice(repository.lastIndexOf('/') + 1).toLowerCase();
  return (
    name
      .replace(/[^a-z0-9._-]+/g, '-')
      .replace(/^[^a-z0-9]+/, '')
      .slice(0, 64) || 'forge'
  );
}

/** Throws `usage`/`forge_invalid`. */
export function newForge(given: NewForge, token: string, now: Date): ForgeConfig {
  const candidate = {
    ...{ id: forgeIdOf(given), kind: given.kind, repository: given.repository.replace(/\.git$/, '') },
    ...{ token, url: apiOf(given.kind, given.url), addedAt: now },
  };
  const parsed = forgeConfig.safeParse(candidate);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue?.path.join('.') ?? '';
    const value =
      field === 'id' ? candidate.id : field === 'repository' ? candidate.repository : candidate.url;
    throw invalid(
      `"${value.slice(0, 200)}" ${issue?.message ?? 'cannot be used'}`,
      field === 'repository'
        ? 'Give --repo its name alone, OWNER/NAME; the address of the forge is --url.'
        : `Give another --${field}.`,
    );
  }
  if (given.kind === 'github' && parsed.data.repository.split('/').length !== 2)
    throw invalid(`"${parsed.data.repository}" is no OWNER/NAME`, 'Give --repo OWNER/NAME.');
  return parsed.data;
}

/** Where the API of a forge is, whatever of its addresses its owner knows. Throws `usage`/`forge_invalid`. */
function apiOf(kind: ForgeKind, given: string | undefined): string {
  if (given === undefined) return kind === 'github' ? 'https://api.github.com' : 'https://gitlab.com/api/v4';
  const url = URL.canParse(given) ? new URL(given) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw invalid(
      `"${given.slice(0, 200)}" is no address of a forge`,
      'Give --url https://host, without user and password.',
    );
  if (url.protocol === 'http:' && !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname))
    throw invalid(`To ${url.host} the token would go in clear`, 'Give --url https://…');
  if (url.hostname === 'github.com') return 'https://api.github.com';
  // At GitHub with data residency the API has a host of its own.
  if (url.hostname.endsWith('.ghe.com')) return `https://api.${url.hostname.replace(/^api\./, '')}`;
  const path = url.pathname.replace(/\/+$/, '');
  if (kind === 'github')
    return `${url.origin}${path === '' && url.hostname !== 'api.github.com' ? '/api/v3' : path}`;
  return `${url.origin}${path.endsWith('/api/v4') ? path : `${path}/api/v4`}`;
}

/** A server of GitHub's has its API below its address; what stands in for api.github.com has it there itself. `null`: no other is known. */
export function otherApi(forge: ForgeConfig): ForgeConfig | null {
  const { origin, pathname } = new URL(forge.url);
  return forge.kind === 'github' && pathname === '/api/v3' ? { ...forge, url: origin } : null;
}

/** To be used as the change of the document. Throws `usage`/`forge_exists`. */
export function addForge(file: ForgesFile, forge: ForgeConfig): ForgesFile {
  if (file.forges.some(({ id }) => id === forge.id))
    throw usageError(
      'forge_exists',
      `There is a forge "${forge.id}" already`,
      `Nothing was changed. Give the new one another id with --id, or remove the old one: df forge remove ${forge.id}.`,
    );
  return { ...file, forges: [...file.forges, forge] };
}

/** Throws `not_found`/`forge_unknown`. */
export function findForge({ forges }: ForgesFile, id: string): ForgeConfig {
  const found = forges.find((each) => each.id === id);
  if (found !== undefined) return found;
  const known = forges.map((each) => each.id).join(', ');
  throw new DarkFactoryError(
    'not_found',
    'forge_unknown',
    `There is no forge "${id.slice(0, 80)}"`,
    known === '' ? 'Add one: df forge add.' : `Known ones: ${known}.`,
  );
}

/** Throws `not_found`/`forge_unknown`. */
export function removeForge(file: ForgesFile, id: string): ForgesFile {
  const { id: known } = findForge(file, id);
  return { ...file, forges: file.forges.filter((each) => each.id !== known) };
}

/** Throws `not_found`/`forge_unknown`. */
export function changeForge(
  file: ForgesFile,
  id: string,
  change: (forge: ForgeConfig) => ForgeConfig,
): ForgesFile {
  const { id: known } = findForge(file, id);
  return { ...file, forges: file.forges.map((each) => (each.id === known ? change(each) : each)) };
}

/** It may not be asked now. After the clock was set back it may: the moment that was named is as far away as that went. */
export function isPaused({ pause }: Pick<ForgeConfig, 'pause'>, now: Date): boolean {
  return pause !== undefined && pause.until > now && !isOfFuture(pause.said ?? pause.since, now);
}

/** Whatever it was not asked for any more counts no longer. */
export function withoutPause({ pause: _, ...forge }: ForgeConfig): ForgeConfig {
  return forge;
}

/** A repository that was renamed keeps its remotes and its forge; its owner is told. */
export async function keepName(
  { state, record }: { state: Pick<StateStore, 'forges'>; record(event: NewEvent): Promise<void> },
  { id, repository }: ForgeConfig,
  name: string,
): Promise<void> {
  if (name === repository) return;
  let mine = false;
  await state.forges().update((file) => {
    mine = file.forges.some((each) => each.id === id && each.repository === repository);
    if (!mine) return file;
    return changeForge(file, id, (each) => ({
      ...each,
      ...{ repository: name, formerly: [...each.formerly, repository] },
    }));
  });
  if (!mine) return;
  const message = `The repository ${repository} of the forge ${id} is called ${name} now.`;
  await record({ projectId: FACTORY, type: 'forge.moved', level: 'warn', message, data: { forge: id } });
}

/**
 * One look at the repository, which the token must open for all that is done there.
 *
 * @throws DarkFactoryError `environment`/`forge_lacks`, and what `Forge.look` throws
 */
export async function proveForge(forge: Forge, id: string): Promise<ForgeRepository> {
  const found = await forge.look();
  if (found.lacks === null) return found;
  throw new DarkFactoryError(
    'environment',
    'forge_lacks',
    `The token of the forge ${id} is not enough: ${found.lacks}`,
    'Give it what it lacks where it was made (GitHub: contents, issues and pull requests, read and write, or the scope repo; GitLab: the scope api, as a developer), or take another one.',
  );
}

function invalid(message: string, hint: string): DarkFactoryError {
  return usageError('forge_invalid', message, hint);
}
