import { purposesOf, rolesOf } from '../finance/calls/scope.ts';
import type { ProbeResult } from '../ports.ts';
import type { Note, Planned, RehearseDeps } from './deps.ts';
import { error } from './finding.ts';
import { noteAlike, orFinding } from './note-alike.ts';
import { type Probed, providerFindings } from './provider-findings.ts';

/** One probe for each provider that may be asked. Of those that a refused key has switched off that is known already. */
export async function lookAtProviders(
  deps: RehearseDeps,
  planned: readonly Planned[],
  note: Note,
  signal: AbortSignal,
): Promise<void> {
  deps.doing([], 'the keys, by one probe each');
  const probes = await orFinding(() => probeAll(deps, signal));
  if ('found' in probes) return note(planned, [probes.found]);
  const { providers } = await deps.history.providers().get();
  const probed = providers.flatMap((provider): Probed[] => {
    const { id, disabledReason } = provider;
    const result = probes.value.get(id);
    if (result !== undefined) return [{ provider, ...result }];
    if (disabledReason === undefined) return [];
    const detail = `Provider ${id} is switched off, for its key was refused (${disabledReason}).`;
    return [{ provider, healthy: false, detail }];
  });
  if (probed.length === 0)
    return note(planned, [
      error('No provider is set up, so nobody could do the work', 'Add one: df provider add'),
    ]);
  await noteAlike(note, planned, async ({ project }) => {
    const purposes = await Promise.all(
      rolesOf(project).flatMap((persona) =>
        (['chat', 'compaction'] as const).map((operation) =>
          purposesOf(deps, project.id, { persona, operation }),
        ),
      ),
    );
    return providerFindings(
      probed,
      purposes.filter((each) => each !== null),
    );
  });
}

async function probeAll(deps: RehearseDeps, signal: AbortSignal): Promise<Map<string, ProbeResult>> {
  const manager = await deps.finance();
  const { providers } = await deps.history.providers().get();
  const asked = providers.filter(({ enabled }) => enabled).map(({ id }) => id);
  const all = Promise.all(asked.map(async (id) => [id, await manager.probeProvider(id)] as const));
  return new Map(await unlessAborted(all, signal));
}

/** A probe itself cannot be cut, and nobody who wants to leave waits for it. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return new Promise<T>((resolve, reject) => {
    const cut = () => reject(signal.reason);
    signal.addEventListener('abort', cut, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', cut));
  });
}
