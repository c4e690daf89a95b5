import { setTimeout as sleep } from 'node:timers/promises';
import { AUDITOR, journalsOf } from '../../../../factory/model/agents.ts';
import { ENDED, type Project } from '../../../../factory/model/project.ts';
import type { StateStore } from '../../../../factory/ports.ts';
import type { TranscriptStep, TranscriptWindow } from '../../../../factory/transcript/transcript.ts';
import { DarkFactoryError } from '../../../../lib/failure.ts';
import type { Services } from '../../../../services.ts';
import { withPlaces } from '../../../documents/queue-places.ts';
import type { CommandContext } from '../../framework/context.ts';
import { listenForInterrupts } from '../../framework/interrupts.ts';
import { flagOption, type Invocation, textOption } from '../../framework/options.ts';
import { parseWhole } from '../../framework/parse.ts';
import { projectArgument, splitArguments } from '../../framework/project-argument.ts';
import { cut, dim, jsonText, plural, shortId } from '../../render/output.ts';
import { type Block, callAtHand, callTitle, stepBlocks } from '../../render/transcript-text.ts';

/** Steps that people are shown where they do not say how many. */
const SHOWN = 50;
/** `3`, `engineer/3`: what may be a step alone, its project left out. */
const STEP = /^([\w.-]+\/)?\d+$/;
/** Milliseconds between two looks for more. */
const INTERVAL = 250;

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const services = await context.services();
  const [first = '', second] = invocation.args;
  const { named, others } = STEP.test(first)
    ? await splitArguments(context, invocation.args)
    : { named: invocation.args, others: [second] };
  const id = await projectArgument(context, { ...invocation, args: named });
  const [wanted] = others;
  const asked = askedStep(wanted);
  const count = textOption(invocation, 'last');
  const last = count === undefined ? undefined : parseWhole('--last', count, 1, 1_000_000);
  const most = context.json || asked.step !== undefined ? last : (last ?? SHOWN);
  const window = { ...asked, ...(most === undefined ? {} : { last: most }) };
  if (flagOption(invocation, 'follow')) return follow(context, services, id, window);
  const { steps, earlier } = await services.projects.getTranscript(id, window);
  if (steps.length === 0 && asked.step !== undefined) throw noStep(context, id, wanted ?? '');
  if (context.json) {
    writeArray(context, steps);
    return 0;
  }
  if (steps.length === 0) await tellNoStep(context, id);
  tellEarlier(context, id, earlier, steps.length);
  for (const step of steps) writeBlocks(context, stepBlocks(step, asked.step !== undefined));
  return 0;
}

async function tellNoStep({ err, services }: CommandContext, id: string): Promise<void> {
  const { state } = await services();
  const [project] = await withPlaces(state, [await state.project(id).get()]);
  const { detail = '' } = project?.waiting ?? {};
  err.line(`No step was taken yet. ${detail}`.trimEnd());
}

/** `3`, or `engineer/3` where several personas have such a step. */
function askedStep(text: string | undefined): Pick<TranscriptWindow, 'step' | 'persona'> {
  if (text === undefined) return {};
  const slash = text.lastIndexOf('/');
  const step = parseWhole('STEP', text.slice(slash + 1), 0, 1_000_000_000);
  return slash === -1 ? { step } : { step, persona: text.slice(0, slash) };
}

function noStep({ program }: CommandContext, id: string, step: string): DarkFactoryError {
  return new DarkFactoryError(
    'not_found',
    'step_not_found',
    `The project has no step ${cut(step, 60)}`,
    `See its steps with: ${program} show ${shortId(id)}`,
  );
}

/** One after the other: a long night is no one text. */
function writeArray({ out }: CommandContext, steps: readonly TranscriptStep[]): void {
  out.raw('[');
  for (const [index, step] of steps.entries()) {
    out.raw(index === 0 ? '\n' : ',\n');
    out.raw(jsonText(step).trimEnd().replace(/^/gm, '  '));
  }
  out.raw(steps.length === 0 ? ']\n' : '\n]\n');
}

function tellEarlier(
  { json, err, program }: CommandContext,
  id: string,
  earlier: number,
  shown: number,
): void {
  if (earlier === 0 || json) return;
  const all = `${program} show ${shortId(id)} --last ${earlier + shown}`;
  err.line(dim(`${plural(earlier, 'earlier step')} not shown; all of them: ${all}`));
}

function writeBlocks({ out }: CommandContext, blocks: readonly Block[]): void {
  for (const { lines } of blocks) for (const line of lines) out.line(line);
}

/** Until the project has ended and everything was shown, or Ctrl-C. With `--json` one step a line, once it is over. */
async function follow(
  context: CommandContext,
  { projects, state }: Services,
  id: string,
  window: TranscriptWindow,
): Promise<number> {
  const interrupts = listenForInterrupts();
  const { persona, step } = window;
  const shown = new Map<string, ReadonlySet<string>>();
  let from: Record<string, number> = {};
  let entries = -1;
  try {
    for (let first = true; ; first = false) {
      const project = await state.project(id).get();
      const ended = ENDED.has(project.status);
      const before = entries;
      entries = await countEntries(state, project);
      if (entries === before && !ended) {
        if (interrupts.first.aborted) return 0;
        await pause(interrupts.first);
        continue;
      }
      const more = {
        ...(persona === undefined ? {} : { persona }),
        ...(step === undefined ? {} : { step }),
        from,
      };
      const { steps, earlier } = await projects.getTranscript(id, first ? window : more);
      tellEarlier(context, id, earlier, steps.length);
      let news = false;
      for (const each of steps) {
        news = showMore(context, each, shown, ended, step !== undefined) || news;
        // An open one is looked at again; so are all of one that began before another ended.
        from = { ...from, [each.persona]: Math.max(from[each.persona] ?? 0, each.step) };
      }
      if (interrupts.first.aborted || (ended && !news)) return 0;
      tellAtHand(context, steps.at(-1));
      await pause(interrupts.first);
    }
  } finally {
    context.out.replaceLines([]);
    interrupts.dispose();
  }
}

async function pause(signal: AbortSignal): Promise<void> {
  await sleep(INTERVAL, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

/** Of all journals: as long as it stays, there is nothing more to show. */
async function countEntries(state: StateStore, project: Project): Promise<number> {
  const journals = journalsOf(project).map((persona) => state.journal(project.id, persona).entries());
  return (await Promise.all(journals)).reduce((sum, { length }) => sum + length, 0);
}

/** Shows what of a step was not shown before. @returns whether there was anything */
function showMore(
  context: CommandContext,
  step: TranscriptStep,
  shown: Map<string, ReadonlySet<string>>,
  ended: boolean,
  whole: boolean,
): boolean {
  const name = `${step.persona}/${step.step}`;
  const over = step.endedAt !== undefined || ended;
  // A round of audits is many conversations: it is told when they are over.
  if (!over && (context.json || step.persona === AUDITOR)) return false;
  const before = shown.get(name) ?? new Set<string>();
  if (context.json) {
    if (before.size > 0) return false;
    shown.set(name, new Set(['all']));
    context.out.raw(jsonText(step, 0));
    return true;
  }
  const blocks = stepBlocks(step, whole).filter(({ key }) => !before.has(key));
  shown.set(name, new Set([...before, ...blocks.map(({ key }) => key)]));
  writeBlocks(context, blocks);
  return blocks.length > 0;
}

function tellAtHand({ out }: CommandContext, step: TranscriptStep | undefined): void {
  if (step === undefined) return;
  const call = callAtHand(step);
  const waits = step.provider === null && step.endedAt === undefined;
  const now = call !== undefined ? callTitle(call) : waits ? `${step.persona} is thinking` : null;
  out.replaceLines(now === null ? [] : [dim(cut(`  … ${now}`, out.columns() - 1))]);
}
