import path from 'node:path';
import type { Project } from '../../../../factory/model/project.ts';
import type { ReviewReport } from '../../../../factory/model/review.ts';
import { type PostedReview, postReview } from '../../../../factory/publishing/post-review.ts';
import { isCritical, readReview } from '../../../../factory/review/order.ts';
import { sarifOf } from '../../../../factory/review/sarif.ts';
import { DarkFactoryError, EXIT_CODE, usageError } from '../../../../lib/failure.ts';
import { readVersion } from '../../../../lib/version.ts';
import { reviewDocument } from '../../../documents/review.ts';
import { makeReview, REVIEW_BUDGET, type ReviewInput } from '../../../review/make-review.ts';
import { findPull, type PullToReview } from '../../../review/pull.ts';
import { findTarget } from '../../../review/target.ts';
import type { CommandContext } from '../../framework/context.ts';
import {
  flagOption,
  type Invocation,
  requiredArgument,
  switchedOff,
  textOption,
} from '../../framework/options.ts';
import { writeOutput } from '../../framework/output-file.ts';
import { parseCommand, parseDurationOption, parseUsd } from '../../framework/parse.ts';
import { readText } from '../../framework/text-input.ts';
import { jsonText } from '../../render/output.ts';
import { runProject } from '../projects/run.ts';
import { showReview } from './show.ts';

/** Has a change reviewed, waits for it, and tells what was found. */
export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const services = await context.services();
  const output = textOption(invocation, 'output');
  if (output !== undefined && !context.json && !flagOption(invocation, 'sarif'))
    throw usageError('output_form_missing', '--output asks for a form', 'Add --sarif or --json.');
  // Before anything is paid.
  if (output !== undefined) await writeOutput(context, output);
  const { pull, ...input } = await inputOf(context, invocation);
  return runProject(context, () => makeReview(services, input), {
    waitForCredits: false,
    endsWithIt: 'always',
    tell: (_end, project) => tell(context, invocation, project, flagOption(invocation, 'post') ? pull : null),
  });
}

async function inputOf(
  context: CommandContext,
  invocation: Invocation,
): Promise<ReviewInput & { pull: PullToReview | null }> {
  const services = await context.services();
  const of = requiredArgument(invocation);
  const folder = path.resolve(context.cwd, textOption(invocation, 'repo') ?? '.');
  const { root: repository } = await services.git.inspectRepository(folder);
  const pull = await findPull(services, repository, of);
  if (pull === null && flagOption(invocation, 'post'))
    throw usageError(
      'post_without_pull',
      `${of} is no pull request, so there is nowhere to post`,
      'Name it by its number or address.',
    );
  const against = textOption(invocation, 'base');
  const target = { ...(await findTarget(services, { repository, of: pull?.range ?? of, against })), of };
  const budget = textOption(invocation, 'budget');
  const maxRuntime = textOption(invocation, 'maxRuntime');
  const about = textOption(invocation, 'about');
  const setup = textOption(invocation, 'setup');
  return {
    ...{ repository, target, pull },
    ...(pull === null ? {} : { about: pull.about }),
    budget: budget === undefined ? REVIEW_BUDGET : parseUsd('--budget', budget),
    ...(maxRuntime === undefined ? {} : { maxRuntime: parseDurationOption('--max-runtime', maxRuntime) }),
    ...(about === undefined ? {} : { about: await readText('--about', about, context) }),
    ...(switchedOff(invocation, 'setup') ? { setup: null } : {}),
    ...(setup === undefined ? {} : { setup: parseCommand('--setup', setup) }),
  };
}

/** @returns the exit code that the findings ask for */
async function tell(
  context: CommandContext,
  invocation: Invocation,
  project: Project,
  postAt: PullToReview | null,
): Promise<number | undefined> {
  const { state } = await context.services();
  const report = await readReview(state, project.id);
  const posted = report === null || postAt === null ? null : await post(postAt, report);
  const failure = posted instanceof DarkFactoryError ? posted : null;
  const document = {
    ...reviewDocument(project, report),
    ...(posted === null || posted instanceof DarkFactoryError ? {} : { posted }),
  };
  const output = textOption(invocation, 'output');
  const sarif = flagOption(invocation, 'sarif');
  const form = sarif && report !== null ? sarifOf(report, { version: readVersion() }) : document;
  if (output !== undefined) await writeOutput(context, output, jsonText(form));
  if (output === undefined && (context.json || sarif)) context.out.raw(jsonText(form));
  else showReview(context, document);
  // What was found and paid for is told first.
  if (failure !== null) throw failure;
  return report === null ? undefined : exitCodeOf(report);
}

const post = (
  { forge, pull }: PullToReview,
  report: ReviewReport,
): Promise<PostedReview | DarkFactoryError> =>
  postReview(forge, pull.number, report).catch((error: unknown) => {
    if (error instanceof DarkFactoryError) return error;
    throw error;
  });

/** Whoever asked for a review that could not be paid, or that nobody answered, must not take it for a good word. */
function exitCodeOf({ findings, finders }: ReviewReport): number {
  if (findings.some(isCritical)) return EXIT_CODE.failed;
  if (finders.some(({ state }) => state === 'unpaid')) return EXIT_CODE.waiting;
  return finders.some(({ state }) => state === 'answered') ? 0 : EXIT_CODE.failed;
}
