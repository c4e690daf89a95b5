import { isOfFuture } from '../../lib/clock.ts';
import { redactText } from '../../lib/text/redact.ts';
import { projectOrNull } from '../decisions/tree/tree.ts';
import { FACTORY } from '../finance/deps.ts';
import type { FactoryEvent } from '../model/event.ts';
import { isWatched } from '../model/forge/publication.ts';
import type { Letter, NightParts, Outbox } from '../model/notifications/notification.ts';
import type { NotificationTarget } from '../model/notifications/notification-target.ts';
import { attemptOf, needsAttention, type Project } from '../model/project.ts';
import { type Draft, draftOf, draftOfEnd } from './notice.ts';
import { letterJob } from './outbox.ts';
import type { NotificationDeps, Notifications } from './types.ts';

/** The place in a log is written down when there is something to tell, or when it is so many bytes behind. */
const BEHIND = 256 * 1024;

type Targets = ReadonlyMap<string, NotificationTarget>;

/** Finds what is to be told, from the state files alone: neither a flushed Redis nor a crash makes it forget. */
export function createScan(deps: NotificationDeps, targets: Targets): Pick<Notifications, 'scan' | 'watch'> {
  const { boxes, state } = deps;
  /** How far this process has read, ahead of what is written down. */
  const seen = new Map<string, number>();

  /**
   * Since when each target is configured; new ones from now on. The clock was set back since: what came before was looked through while it
   * was ahead.
   */
  async function knownSince(): Promise<ReadonlyMap<string, Date>> {
    const ids = [...targets.keys()];
    const now = deps.now();
    const { since } = await boxes.targets.update((current) => {
      const isKnown = (at: Date | undefined) => at !== undefined && !isOfFuture(at, now);
      const known = Object.keys(current.since);
      if (known.length === ids.length && ids.every((id) => isKnown(current.since[id]))) return current;
      const sinceOf = (at: Date = now) => (isOfFuture(at, now) ? new Date(0) : at);
      return { ...current, since: Object.fromEntries(ids.map((id) => [id, sinceOf(current.since[id])])) };
    });
    return new Map(Object.entries(since));
  }

  async function look(id: string, since: ReadonlyMap<string, Date>): Promise<void> {
    const isFactory = id === FACTORY;
    const project = isFactory ? null : await projectOrNull(state, id);
    const store = boxes.box(id);
    const before = await store.get();
    // All was told, and its box went: read from its beginning, it would be told again.
    if (project?.settled && before.version === 0) {
      // What comes of watching it from now on is to be told all the same.
      if (isWatched(project)) await begin(project);
      return;
    }
    const from = Math.max(before.offset, seen.get(id) ?? 0);
    const ofProject = async () =>
      project === null ? { entries: [], offset: from } : state.events(id).readFrom(from);
    const news = await (isFactory ? boxes.factoryEvents(from) : ofProject());
    const attempt = project ? attemptOf(project) : 1;
    const end = project && !isNoticed(before, attempt) ? endOf(project) : null;
    // Of the attempts before all was told, and the place in the log went with its box.
    const newest = before.offset === 0 && attempt > 1 ? project?.attempts.at(-1)?.startedAt : undefined;
    const events = (newest === undefined ? news.entries : eventsSince(news.entries, newest, deps.now())).map(
      (event) => draftOf(event, project),
    );
    const drafts = [...events, end].filter((each) => each !== null);
    const letters = await lettersFor(drafts, since);
    const stale = before.letters.some(({ target }) => !targets.has(target));
    let box = before;
    let mine = true;
    // Also when no target wants it: one that is asked to listen to more later must not hear of the past.
    if (drafts.length > 0 || stale || news.offset - before.offset > BEHIND) {
      // The offset must not outlive the lines that it stands behind.
      if (project) await state.events(id).append();
      box = await store.update((current) => {
        // Another worker went through some of the same lines meanwhile: what comes after them is for the next look.
        mine = current.offset === before.offset && isNoticed(current, attempt) === isNoticed(before, attempt);
        if (!mine) return current;
        const kept = current.letters.filter(({ target }) => targets.has(target));
        return {
          ...current,
          offset: news.offset,
          ...(end === null ? {} : { endNoticed: true, attempt }),
          letters: [...kept, ...letters],
        };
      });
    }
    seen.set(id, mine ? news.offset : box.offset);
    if (box.letters.length > 0)
      await (await deps.queue()).enqueue(...box.letters.map((each) => letterJob(id, each, deps.now())));
    else if (!isFactory && (project === null || isTold(project, box))) await forget(id);
  }

  async function begin(project: Project): Promise<void> {
    const offset = state.events(project.id).size()?.bytes ?? 0;
    const attempt = attemptOf(project);
    await boxes
      .box(project.id)
      .update((current) =>
        current.version === 0 ? { ...current, offset, endNoticed: true, attempt } : current,
      );
  }

  /** Why it ended may be told in the words of a judge or of a command. */
  function endOf(project: Project): Draft | null {
    const end = draftOfEnd(project, deps.now());
    if (end === null || !deps.encrypt) return end;
    return { ...end, message: `For the reason see df status ${project.id.slice(0, 8)}.` };
  }

  async function lettersFor(drafts: readonly Draft[], since: ReadonlyMap<string, Date>): Promise<Letter[]> {
    if (drafts.length === 0) return [];
    const secrets = await deps.secrets();
    return drafts.flatMap((draft) => {
      const notice = {
        ...draft,
        id: deps.newId(),
        title: redactText(draft.title, secrets),
        message: redactText(draft.message, secrets),
        ...(draft.night === undefined ? {} : { night: redactNight(draft.night, secrets) }),
      };
      const at = Date.parse(draft.timestamp);
      return [...targets]
        .filter(
          ([id, { on }]) => on.some((kind) => kind === draft.kind) && at >= (since.get(id)?.getTime() ?? 0),
        )
        .map(([target]) => ({ notice, target, tries: 0 }));
    });
  }

  async function all(): Promise<Set<string>> {
    const open = (await state.listOpenProjects()).map(({ id }) => id);
    return new Set([FACTORY, ...(await boxes.list()), ...open]);
  }

  async function forget(id: string): Promise<void> {
    await boxes.remove(id);
    seen.delete(id);
  }

  return {
    async scan(only) {
      if (targets.size === 0) return boxes.forgetTargets();
      const since = await knownSince();
      for (const id of only === undefined ? await all() : [only]) {
        try {
          await look(id, since);
        } catch (err) {
          deps.warn(
            { ...(id === FACTORY ? {} : { projectId: id }), err },
            'could not look for what is to be told',
          );
        }
      }
    },
    async watch(projectId) {
      if (targets.size === 0) return;
      const project = await projectOrNull(state, projectId);
      if (project === null || project.settled) return;
      await boxes.box(projectId).update((current) => (current.version === 0 ? { ...current } : current));
    },
  };
}

function redactNight(night: NightParts, secrets: readonly string[]): NightParts {
  const redacted = (text: string) => redactText(text, secrets);
  return night.map(({ title, items }) => ({
    title,
    items: items.map(({ name, about, next }) => ({ name: redacted(name), about: about.map(redacted), next })),
  }));
}

/** By their place in the log: after the clock was set back their times say nothing. A log read on from behind the beginning is all of it. */
function eventsSince(entries: readonly FactoryEvent[], begin: Date, now: Date): readonly FactoryEvent[] {
  const first = entries.findIndex(({ timestamp }) => Date.parse(timestamp) >= begin.getTime());
  if (first === -1) return isOfFuture(begin, now) ? entries : [];
  return entries.slice(first);
}

/** The end of an earlier attempt is not the project's. */
function isNoticed({ endNoticed, attempt }: Outbox, now: number): boolean {
  return endNoticed && attempt === now;
}

function isTold(project: Project, box: Outbox): boolean {
  const isBranch = project.parentProjectId !== undefined;
  return !needsAttention(project) && (isNoticed(box, attemptOf(project)) || isBranch);
}
