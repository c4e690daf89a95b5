/** Projects as they are: the documents that `df … --json` prints. */
import * as z from 'zod';
import { qualityReport } from '../../../factory/model/gates/gate-report.ts';
import { costEntry } from '../../../factory/model/money/finance.ts';
import {
  hasStatus,
  type Project,
  project,
  projectStatus,
  shownStatuses,
} from '../../../factory/model/project.ts';
import { taskList } from '../../../factory/model/task.ts';
import { DarkFactoryError } from '../../../lib/failure.ts';
import { branchDocument } from '../../documents/branches.ts';
import { overviewRows } from '../../documents/overview.ts';
import { statusDocument } from '../../documents/status.ts';
import { upToDate } from '../../documents/up-to-date.ts';
import { countWorkers } from '../../documents/workers.ts';
import { type ApiContext, route } from './route.ts';

const MOST_PROJECTS = 1_000;
const listQuery = z.strictObject({
  status: shownStatuses.optional(),
  /** A part of the name, the description or the repository. */
  q: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(MOST_PROJECTS).default(100),
  /** The id of the last project of the page before. */
  after: z.string().max(100).optional(),
});

/** A document whose parts are described in docs/json.md. */
const documentWith = (fields: z.ZodRawShape) => z.looseObject(fields);
const costs = documentWith({
  projectId: z.string(),
  totalSpent: z.number(),
  tokensUsed: z.number(),
  byProvider: z.array(z.looseObject({ provider: z.string() })),
  entries: z.array(costEntry),
});

export const projectRoutes = [
  route({
    method: 'get',
    path: '/projects',
    role: 'viewer',
    summary: 'Projects, the newest first; the header Link leads to the next page',
    query: listQuery,
    answer: z.array(project),
    async handle({ query }, { services: { state }, response }) {
      const { projects } = await state.listProjects();
      const wanted = projects.toReversed().filter((each) => isWanted(each, query));
      const start = query.after === undefined ? 0 : placeAfter(wanted, query.after);
      const page = wanted.slice(start, start + query.limit);
      const last = page.at(-1);
      if (last !== undefined && start + page.length < wanted.length) {
        const next = new URLSearchParams({ ...words(query), after: last.id });
        response.set('Link', `</api/v1/projects?${next}>; rel="next"`);
      }
      response.set('X-Total-Count', String(wanted.length));
      // Of what cannot be read df health tells.
      return (await upToDate(state, page)).projects;
    },
  }),
  route({
    method: 'get',
    path: '/overview',
    role: 'viewer',
    summary: 'The newest thousand projects in few fields, without the branches of decisions',
    answer: z.array(z.looseObject({ id: z.string(), name: z.string(), status: projectStatus })),
    handle: async (_asked, { services, env }) => {
      const workers = await countWorkers(services, env);
      return overviewRows({ state: services.state, workers, now: services.clock.now() });
    },
  }),
  route({
    method: 'get',
    path: '/projects/:id',
    role: 'viewer',
    summary: 'How a project stands, as df status --json',
    answer: documentWith({
      project,
      tasks: z.record(z.string(), z.number()),
      workers: z.number().nullable(),
    }),
    handle: async (asked, { services, env }) =>
      statusDocument(services, await projectOf(asked, services), env),
  }),
  route({
    method: 'get',
    path: '/projects/:id/tasks',
    role: 'viewer',
    summary: 'The task list with its evidence',
    answer: taskList,
    handle: async (asked, { services }) => services.state.tasks(await projectOf(asked, services)).get(),
  }),
  route({
    method: 'get',
    path: '/projects/:id/costs',
    role: 'viewer',
    summary: 'What was spent, by provider, model, persona, task, hour',
    answer: costs,
    handle: async (asked, { services }) =>
      services.financeApi.getCostSummary(await projectOf(asked, services)),
  }),
  route({
    method: 'get',
    path: '/projects/:id/branches',
    role: 'viewer',
    summary: 'The project and all that was forked from it',
    answer: documentWith({ project, children: z.array(z.unknown()) }),
    handle: async (asked, { services }) => branchDocument(services, await projectOf(asked, services)),
  }),
  route({
    method: 'get',
    path: '/projects/:id/gates',
    role: 'viewer',
    summary: 'The reports of its quality gates, the oldest first',
    answer: z.array(qualityReport),
    handle: async (asked, { services }) => services.state.gates(await projectOf(asked, services)).list(),
  }),
];

/** Throws `not_found`/`project_not_found`, `usage`/`project_ambiguous`. */
export function projectOf(
  { params }: { params: Readonly<Record<string, string>> },
  { state }: ApiContext['services'],
): Promise<string> {
  return state.resolveProject(params['id'] ?? '');
}

function isWanted(each: Project, { status, q }: z.infer<typeof listQuery>): boolean {
  if (status !== undefined && !hasStatus(each, status)) return false;
  if (q === undefined) return true;
  const text = q.toLowerCase();
  return [each.name, each.description, each.repository].some((field) => field.toLowerCase().includes(text));
}

function placeAfter(projects: readonly Project[], id: string): number {
  const place = projects.findIndex((each) => each.id === id);
  if (place >= 0) return place + 1;
  throw new DarkFactoryError(
    'usage',
    'page_unknown',
    `No project of this list has the id ${id}`,
    'Begin again without `after`.',
  );
}

function words(query: z.infer<typeof listQuery>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}
