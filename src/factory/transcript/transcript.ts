import { redactText, redactValue } from '../../lib/text/redact.ts';
import { textOf } from '../agent/memory/conversation.ts';
import { readCall } from '../agent/tools/call-text.ts';
import { alongBranch } from '../decisions/tree/figures.ts';
import { journalsOf } from '../model/agents.ts';
import type { JournalRecord } from '../model/journal.ts';
import { tokensOf } from '../model/money/finance.ts';
import type { Tier } from '../model/money/tier.ts';
import { ENDED, type Project } from '../model/project.ts';
import type { GitManager, StateStore } from '../ports.ts';
import { type JournalStep, type StepCall, stepsOf } from './steps.ts';

export interface TranscriptCall {
  name: string;
  /** As the model meant them; a text where what it wrote is no JSON object. Without keys, as all texts here. */
  arguments: unknown;
  state: 'waiting' | 'running' | 'done';
  /** When it began, where that is known. */
  startedAt?: Date;
  isError: boolean;
  /** What the model was shown: head and tail of a long one. */
  output: string;
  /** The whole of it, below the project's folder. */
  outputFile?: string;
}

/** What one turn of a model said and did. */
export interface TranscriptStep {
  step: number;
  persona: string;
  at: Date;
  /** Missing: it is being taken. */
  endedAt?: Date;
  /** `null`: it was not answered yet. */
  provider: string | null;
  model: string | null;
  /** Of the provider. Missing: it is of none. */
  tier?: Tier;
  /** Of all requests of the step. */
  tokens: number;
  /** USD. */
  cost: number;
  text: string;
  calls: TranscriptCall[];
  /** What the owner said to it before it answered. */
  messages: string[];
  /** Commits that it made. */
  commits: { hash: string; files: string[] }[];
  outcome?: Extract<JournalRecord, { type: 'step_done' }>['outcome'];
  /** What the factory made of the lack of progress. */
  progress?: Extract<JournalRecord, { type: 'step_done' }>['progress'];
}

export interface TranscriptWindow {
  /** Only the step of this number, of whichever persona. */
  step?: number;
  persona?: string;
  /** Only so many, the newest. */
  last?: number;
  /** So many of the newest are left out before that. */
  skip?: number;
  /** Of each persona named the steps from this one on. */
  from?: Readonly<Record<string, number>>;
}

export interface Transcript {
  /** In order of time. */
  steps: TranscriptStep[];
  /** How many the window leaves out at the beginning. */
  earlier: number;
}

export interface TranscriptDeps {
  state: Pick<StateStore, 'project' | 'journal'>;
  git: Pick<GitManager, 'branchHead' | 'history'>;
}

/**
 * What a project's agents said and did, from their journals. Of a child its own steps: those that it took over stand in its parent's.
 * Only the steps of the window are made into documents.
 */
export async function readTranscript(
  { state, git }: TranscriptDeps,
  projectId: string,
  window: TranscriptWindow = {},
): Promise<Transcript> {
  const project = await state.project(projectId).get();
  const journals = await Promise.all(
    journalsOf(project).map(async (persona) =>
      stepsOf(persona, await state.journal(projectId, persona).entries()),
    ),
  );
  const wanted = inOrder(journals).filter((each) => isShown(each, project) && isIn(each, window));
  const end = Math.max(0, wanted.length - (window.skip ?? 0));
  const earlier = window.last === undefined ? 0 : Math.max(0, end - window.last);
  const commits = await commitsOf(git, project);
  const steps = wanted.slice(earlier, end).map((step) => shown(step, commits));
  return { steps, earlier };
}

/** By time. The steps of one journal stay in their order, whatever the clocks of its workers say. */
function inOrder(journals: readonly JournalStep[][]): JournalStep[] {
  const timed = journals.flatMap((steps) => {
    let newest = '';
    return steps.map((step) => {
      if (step.at > newest) newest = step.at;
      return { step, at: newest };
    });
  });
  return timed.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)).map(({ step }) => step);
}

/** Its own, and one in which something was said, or may be yet. */
function isShown({ at, paid, done }: JournalStep, { createdAt, status }: Project): boolean {
  if (at < createdAt.toISOString()) return false;
  return paid.length > 0 || (done === undefined && !ENDED.has(status));
}

function isIn(each: JournalStep, { step, persona, from = {} }: TranscriptWindow): boolean {
  if (step !== undefined && each.step !== step) return false;
  return (persona === undefined || each.persona === persona) && each.step >= (from[each.persona] ?? 0);
}

type StepCommits = ReadonlyMap<string, { hash: string; files: string[] }[]>;

/** By `<persona>/<step>`. None where the branch cannot be read: the words are still there. */
async function commitsOf(git: TranscriptDeps['git'], project: Project): Promise<StepCommits> {
  const found = new Map<string, { hash: string; files: string[] }[]>();
  const history = await alongBranch(git, project, (...range) => git.history(...range));
  for (const { hash, step, files } of history ?? []) {
    const key = step?.split('/').slice(0, 2).join('/') ?? '';
    found.set(key, [...(found.get(key) ?? []), { hash, files }]);
  }
  return found;
}

function shown(step: JournalStep, commits: StepCommits): TranscriptStep {
  const { persona, paid, replies, calls, notes, done } = step;
  const newest = replies.at(-1) ?? paid.at(-1);
  return {
    step: step.step,
    persona,
    at: new Date(step.at),
    ...(done === undefined ? {} : { endedAt: new Date(done.at) }),
    provider: newest?.provider ?? null,
    model: newest?.model ?? null,
    ...(newest?.tier === undefined ? {} : { tier: newest.tier }),
    tokens: paid.reduce((sum, { usage }) => sum + tokensOf(usage), 0),
    cost: paid.reduce((sum, { cost }) => sum + cost, 0),
    text: redactText(
      replies
        .map(({ message }) => textOf(message))
        .filter((text) => text !== '')
        .join('\n\n'),
    ),
    calls: calls.map((call) => shownCall(call, done !== undefined)),
    messages: notes.filter(({ key }) => key.startsWith('message-')).map(({ text }) => redactText(text)),
    commits: commits.get(`${persona}/${step.step}`) ?? [],
    ...(done === undefined ? {} : { outcome: done.outcome }),
    ...(done?.progress === undefined ? {} : { progress: done.progress }),
  };
}

function shownCall({ call, startedAt, result }: StepCall, over: boolean): TranscriptCall {
  const { name, arguments: raw } = call;
  return {
    name,
    arguments: redactValue(readCall(raw)),
    state: result !== undefined || over ? 'done' : startedAt === undefined ? 'waiting' : 'running',
    ...(startedAt === undefined ? {} : { startedAt: new Date(startedAt) }),
    isError: result?.isError ?? false,
    output: redactText(result?.output ?? ''),
    ...(result?.outputFile === undefined ? {} : { outputFile: result.outputFile }),
  };
}
