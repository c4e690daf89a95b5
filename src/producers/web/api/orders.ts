/** What may be done to projects. */
import * as z from 'zod';
import { duration, listOf, orderedProject, projectOrder } from '../../../factory/backlog/project-order.ts';
import type { NewProject } from '../../../factory/lifecycle/create/new-project.ts';
import { type Project, project } from '../../../factory/model/project.ts';
import { OWNER } from '../../../factory/model/task.ts';
import { type DarkFactoryError, usageError } from '../../../lib/failure.ts';
import { cap } from '../../../lib/schema.ts';
import { asShown } from '../../documents/as-shown.ts';
import { message } from './looks.ts';
import { projectOf } from './projects.ts';
import { type ApiContext, type Route, route } from './route.ts';

/**
 * The flags of `df init`; `null` is what `--no-test` and the like say. No token reads files of this machine: what is sealed
 * is given to a command of the same order, which would print whatever the folder holds.
 */
const newProject = projectOrder.extend({
  repo: z.string().min(1),
  sealed: z
    .never({
      error:
        'this address reads no folder of the machine; name who is to write the checks (sealWith), or use df init --sealed or a file of df enqueue there',
    })
    .optional(),
});
const stopOrder = z.strictObject({ reason: z.string().max(2_000).optional() });
const resumeOrder = z.strictObject({ budget: cap.optional() });
const retryOrder = z.strictObject({
  message: z.string().max(20_000).optional(),
  rounds: z.number().int().min(1).max(1_000).optional(),
  model: z.string().min(1).max(200).optional(),
  budget: cap.optional(),
  maxRuntime: duration.optional(),
});
const messageOrder = z.strictObject({ text: z.string() });
const mergeOrder = z.strictObject({ abort: z.boolean().optional() });
const nothing = z.strictObject({});

const common = { method: 'post', role: 'operator', answer: project } as const;

export const orderRoutes = [
  route({
    ...common,
    path: '/projects',
    summary: 'Makes a project, as df init',
    body: newProject,
    status: 201,
    async handle({ body }, context) {
      return context.services.engine.createProject(await inputOf(body, context.services));
    },
  }),
  order('start', 'Starts it', nothing, async (id, _body, { services }) => {
    const { project: now, alreadyRunning } = await services.engine.startProject(id);
    return { project: now, changed: !alreadyRunning };
  }),
  order('pause', 'Pauses it; a step that is under way ends first', nothing, (id, _body, { services }) =>
    services.engine.pauseProject(id),
  ),
  order(
    'resume',
    'Has it go on, with another spending cap where one is given',
    resumeOrder,
    async (id, { budget }, context) => {
      if (budget === undefined) return context.services.engine.resumeProject(id);
      refuseBudget(context);
      return context.services.engine.resumeProject(id, { budget });
    },
  ),
  order('stop', 'Ends it; what was done stays on its branch', stopOrder, (id, body, { services }) => {
    const given = body.reason?.trim();
    const who = `Stopped by ${services.by === OWNER ? 'its owner' : services.by}`;
    return services.engine.terminateProject(id, given ? `${who}: ${given}` : `${who}.`);
  }),
  order(
    'retry',
    'Has a failed, timed-out or stopped project live on: same branch, same conversation, a new attempt',
    retryOrder,
    async (id, body, context) => {
      if (body.budget !== undefined) refuseBudget(context);
      return { project: await context.services.engine.retryProject(id, body), changed: true };
    },
  ),
  route({
    ...common,
    path: '/projects/:id/messages',
    summary: 'Says something to its agents: handed over once, with the next request',
    body: messageOrder,
    answer: message,
    status: 201,
    async handle(asked, { services }) {
      const id = await projectOf(asked, services);
      return services.projects.sendMessage(id, asked.body.text);
    },
  }),
  order(
    'merge',
    'Takes this branch of a decision into its parent, or with `abort` ends the decision without one',
    mergeOrder,
    async (id, { abort }, { services: { engine } }) => {
      const { parent, changed } = abort ? await engine.dropBranches(id) : await engine.mergeBranch(id);
      return { project: parent, changed };
    },
  ),
];

/**
 * `POST /projects/:id/<name>`, which answers with the project as it is now. Of two who order the same at once the second is told so.
 */
function order<Body>(
  name: string,
  summary: string,
  body: z.ZodType<Body>,
  give: (id: string, body: Body, context: ApiContext) => Promise<{ project: Project; changed: boolean }>,
): Route {
  return route<unknown, Body>({
    ...common,
    path: `/projects/:id/${name}`,
    summary,
    body,
    async handle(asked, context) {
      const id = await projectOf(asked, context.services);
      const { project: now, changed } = await give(id, asked.body, context);
      if (!changed) throw unchanged(now);
      return asShown(context.services.state, now);
    },
  });
}

/** The projects that it names, as ids. */
async function inputOf(
  body: z.infer<typeof newProject>,
  { state }: ApiContext['services'],
): Promise<NewProject> {
  const after = await Promise.all(listOf(body.after).map((each) => state.resolveProject(each)));
  const on = body.on === undefined ? undefined : await state.resolveProject(body.on);
  return orderedProject(body, { repository: body.repo, after, on });
}

function unchanged({ name, status }: Project): DarkFactoryError {
  return usageError(
    'unchanged',
    `The project ${name} is ${status.replaceAll('_', ' ')} already; nothing was changed`,
    'Somebody may have been faster. Look at it again.',
  );
}

/** Budgets are the owner's. */
function refuseBudget({ identity }: ApiContext): void {
  if (identity.role === 'owner') return;
  throw usageError(
    'role_missing',
    `A budget is changed by the role owner; you have ${identity.role}`,
    'Resume without a budget, or use a token of an owner.',
  );
}
