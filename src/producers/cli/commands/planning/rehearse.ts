import { stat } from 'node:fs/promises';
import path from 'node:path';
import { backlogInvalid } from '../../../../factory/backlog/enqueue.ts';
import type { PlannedProject } from '../../../../factory/lifecycle/create/create.ts';
import type { NewProjectFiles } from '../../../../factory/ports.ts';
import type { Asked } from '../../../../factory/rehearsal/deps.ts';
import { error, type Rehearsal, warn } from '../../../../factory/rehearsal/finding.ts';
import { rehearse } from '../../../../factory/rehearsal/rehearse.ts';
import { expecting, isMissing } from '../../../../lib/errno.ts';
import { EXIT_CODE, usageError } from '../../../../lib/failure.ts';
import { nearestFolder, spaceOf } from '../../../../lib/process/machine.ts';
import { sizeOf } from '../../../../lib/size-of.ts';
import type { RehearsalPlace } from '../../../../services/rehearsals.ts';
import { examineHealth } from '../../../health/examine.ts';
import type { CommandContext } from '../../framework/context.ts';
import { INTERRUPTED, listenForInterrupts } from '../../framework/interrupts.ts';
import { flagOption, type Invocation, requiredArgument } from '../../framework/options.ts';
import { jsonText } from '../../render/output.ts';
import { readBacklog } from '../projects/backlog-file.ts';
import { type RehearsalText, rehearsalText } from './rehearsal-text.ts';
import { startSweeper, sweepAfterEnd } from './sweeper.ts';

/** What is to be rehearsed: with the documents of those that can be. */
type Part = Asked & { files?: NewProjectFiles };

/** Exit code 1 when a project would fail. */
export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  if (flagOption(invocation, 'sweep')) {
    await sweepAfterEnd(context);
    return 0;
  }
  const name = requiredArgument(invocation);
  const isFile = name === '-' || (await fileAt(path.resolve(context.cwd, name)));
  const parts = isFile ? await partsOfFile(context, name) : [await partOfProject(context, name)];
  const interrupts = listenForInterrupts();
  const { rehearsals } = await context.services();
  const place = await rehearsals.open();
  const endSweeper = await startSweeper(context);
  const text = rehearsalText(
    context,
    parts.map((part) => part.name),
  );
  try {
    const found = await rehearseIn(context, place, parts, text, interrupts.first);
    text.end();
    if (context.json) context.out.raw(jsonText(found));
    else text.sum(found, isFile ? name : null);
    return found.ready ? 0 : EXIT_CODE.failed;
  } catch (failure) {
    text.end();
    if (!interrupts.first.aborted) throw failure;
    context.err.line('Interrupted. Nothing is left of the rehearsal.');
    return INTERRUPTED;
  } finally {
    await place.close();
    await endSweeper();
    interrupts.dispose();
  }
}

async function fileAt(file: string): Promise<boolean> {
  return (await stat(file).catch(expecting(isMissing, null)))?.isFile() === true;
}

async function rehearseIn(
  context: CommandContext,
  { state, workspace }: RehearsalPlace,
  parts: readonly Part[],
  text: RehearsalText,
  signal: AbortSignal,
): Promise<Rehearsal> {
  const services = await context.services();
  await state.createProjects(parts.flatMap(({ files }) => files ?? []));
  return rehearse(
    {
      ...{ state, workspace, sizeOf, history: services.state, git: services.git },
      ...{ config: services.config, sandbox: services.sandbox, finance: services.finance },
      projects: services.projectService,
      now: () => services.clock.now(),
      checks: async () => (await examineHealth(services, context.env)).checks,
      spaceOf: async (folder) => spaceOf(await nearestFolder(folder)),
      worktrees: services.home.worktrees,
      doing: text.doing,
      found: text.found,
    },
    parts,
    signal,
  );
}

/** Throws `usage`/`backlog_invalid` for what concerns the file as a whole; what concerns a project of it is found of that project. */
async function partsOfFile(context: CommandContext, name: string): Promise<Part[]> {
  const [text, shownName, places] = await readBacklog(context, name);
  const { backlog } = await context.services();
  const { names, planned, faults } = await backlog.check(text, places);
  const whole = faults.filter(({ projects }) => projects === undefined);
  if (whole.length > 0) throw backlogInvalid(shownName, faults);
  return names.map((each, index) => {
    const made = planned[index];
    const own = faults.filter(({ projects }) => projects?.includes(index));
    const findings = own.map(({ line, message }) =>
      error(
        `Line ${line}: ${message.startsWith(`${each}: `) ? message.slice(each.length + 2) : message}`,
        'Mend the file: df enqueue would make none of its projects',
      ),
    );
    if (made === undefined || own.length > 0) return { name: each, findings };
    return { name: made.project.name, project: made.project, findings: warningsOf(made), files: made.first };
  });
}

/** What the gate before the work shows is left to it. */
function warningsOf({ warnings, plan }: PlannedProject): Asked['findings'] {
  return warnings
    .filter((warning) => !plan.warnings.includes(warning))
    .map((warning) => warn(warning, 'See whether that is meant'));
}

async function partOfProject(context: CommandContext, reference: string): Promise<Part> {
  const { state } = await context.services();
  const id = await state.resolveProject(reference);
  const project = await state.project(id).get();
  if (project.status === 'completed')
    throw usageError(
      'project_ended',
      `${project.name} is completed: there is nothing to rehearse`,
      'Give a file of projects, or a project that is still to be worked on.',
    );
  const [finance, sealed] = await Promise.all([state.finance(id).get(), state.sealed(id)]);
  const files = { project, agents: [], finance, ...(sealed === null ? {} : { sealed }) };
  return { name: project.name, project, findings: [], files };
}
