import { isFailure } from '../../lib/failure.ts';
import { FACTORY } from '../finance/deps.ts';
import type { NewEvent } from '../model/event.ts';
import type { ForgeConfig, ForgesFile } from '../model/forge/forge.ts';
import { type Forge, ForgeNotNow, type ForgeRepository, type StateStore } from '../ports.ts';
import { changeForge, findForge, isPaused, keepName, withoutPause } from './forges.ts';

export interface AskForgeDeps {
  state: Pick<StateStore, 'forges'>;
  openForge(config: ForgeConfig): Promise<Forge>;
  record(event: NewEvent): Promise<void>;
  now(): Date;
}

/** A forge that refuses the token is asked again after this long. Milliseconds. */
const REFUSED_MS = 60 * 60_000;

/** What only the owner can mend: the token, its scope, the name of the repository, what is switched off there, or where the token is kept. */
const REFUSALS = [
  ...[
    'forge_token_refused',
    'forge_forbidden',
    'forge_not_found',
    'forge_gone',
    'forge_redirected',
    'forge_lacks',
  ],
  ...[
    'key_env_missing',
    'key_unreadable',
    'key_swapped',
    'master_key_mode',
    'master_key_missing',
    'master_key_invalid',
  ],
];

/**
 * Work at a forge, as far as it may be asked now. How long it may not stands in the document of the forges, for all workers and
 * through restarts. Trouble that only the owner can mend is told once, and its end too.
 *
 * @param work gets the repository as it is there now, and the configuration as it stood before that was asked
 * @returns `null`: not now; see `pause` of the forge
 * @throws what `work` throws besides, and `not_found`/`forge_unknown`
 */
export async function askForge<T>(
  deps: AskForgeDeps,
  forgeId: string,
  work: (forge: Forge, found: ForgeRepository, config: ForgeConfig) => Promise<T>,
): Promise<{ answer: T } | null> {
  const config = findForge(await deps.state.forges().get(), forgeId);
  if (isPaused(config, deps.now())) return null;
  try {
    const forge = await deps.openForge(config);
    const found = await forge.look();
    await keepName(deps, config, found.name);
    const answer = await work(forge, found, config);
    if (config.pause !== undefined) await goOn(deps, config);
    return { answer };
  } catch (error) {
    if (error instanceof ForgeNotNow) {
      const { until, message: why } = error;
      await change(deps, forgeId, (pause) => ({
        since: pause?.since ?? deps.now(),
        ...{ said: deps.now(), until, why, refused: pause?.refused ?? false },
      }));
      return null;
    }
    if (!isFailure(error) || !REFUSALS.includes(error.code)) throw error;
    await refused(deps, forgeId, `${error.message}. ${error.hint}`);
    return null;
  }
}

type Pause = NonNullable<ForgeConfig['pause']>;

/** @returns what stood there before */
async function change(
  { state }: AskForgeDeps,
  forgeId: string,
  next: (pause: Pause | undefined) => Pause | null,
): Promise<Pause | undefined> {
  let before: Pause | undefined;
  await state.forges().update((file: ForgesFile) => {
    const forge = file.forges.find(({ id }) => id === forgeId);
    if (forge === undefined) return file;
    before = forge.pause;
    const pause = next(before);
    return changeForge(file, forgeId, (each) => (pause === null ? withoutPause(each) : { ...each, pause }));
  });
  return before;
}

async function refused(deps: AskForgeDeps, forgeId: string, why: string): Promise<void> {
  const said = deps.now();
  const until = new Date(said.getTime() + REFUSED_MS);
  const before = await change(deps, forgeId, (pause) => ({
    since: pause?.refused === true ? pause.since : said,
    ...{ said, until, why, refused: true },
  }));
  if (before?.refused === true) return;
  const message = `Nothing is asked of the forge ${forgeId}: ${why} Until then it is tried once an hour.`;
  await deps.record({
    projectId: FACTORY,
    type: 'forge.refused',
    level: 'warn',
    message,
    data: { forge: forgeId },
  });
}

async function goOn(deps: AskForgeDeps, { id }: ForgeConfig): Promise<void> {
  const before = await change(deps, id, () => null);
  if (before?.refused !== true) return;
  const message = `The forge ${id} does what it is asked again.`;
  await deps.record({
    projectId: FACTORY,
    type: 'forge.answers',
    level: 'info',
    message,
    data: { forge: id },
  });
}
