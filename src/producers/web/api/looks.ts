/** Longer looks at one project: what its agents said and did, what it changed, what it proved, what was said to it. */
import * as z from 'zod';
import { reportMarkdown } from '../../../factory/report/report-markdown.ts';
import { projectOf } from './projects.ts';
import { type ApiContext, route } from './route.ts';

const transcriptQuery = z.strictObject({
  step: z.coerce.number().int().min(0).optional(),
  persona: z.string().max(200).optional(),
  /** So many steps, the newest. Missing: all. */
  last: z.coerce.number().int().min(1).max(1_000_000).optional(),
  /** So many of the newest are left out before. */
  skip: z.coerce.number().int().min(0).max(10_000_000).default(0),
});
const step = z.looseObject({
  step: z.number(),
  persona: z.string(),
  at: z.date(),
  provider: z.string().nullable(),
  model: z.string().nullable(),
  tokens: z.number(),
  cost: z.number(),
  text: z.string(),
  calls: z.array(
    z.looseObject({ name: z.string(), arguments: z.unknown(), isError: z.boolean(), output: z.string() }),
  ),
});
const diff = z.object({
  base: z.string(),
  head: z.string(),
  files: z.array(z.looseObject({ path: z.string(), added: z.number(), removed: z.number() })),
  added: z.number(),
  removed: z.number(),
});
export const message = z.looseObject({
  id: z.string(),
  projectId: z.string(),
  text: z.string(),
  from: z.string(),
  sentAt: z.date(),
  deliveredAt: z.date().optional(),
  step: z.number().optional(),
});

export const lookRoutes = [
  route({
    method: 'get',
    path: '/projects/:id/transcript',
    role: 'viewer',
    summary: 'What its agents said and did, as df show --json; X-Earlier-Steps says how many are left out',
    query: transcriptQuery,
    answer: z.array(step),
    async handle(asked, { services, response }) {
      const { step: number, persona, last, skip } = asked.query;
      const window = {
        skip,
        ...(last === undefined ? {} : { last }),
        ...(number === undefined ? {} : { step: number }),
        ...(persona === undefined ? {} : { persona }),
      };
      const id = await projectOf(asked, services);
      const { steps, earlier } = await services.projects.getTranscript(id, window);
      response.set('X-Earlier-Steps', String(earlier));
      return steps;
    },
  }),
  route({
    method: 'get',
    path: '/projects/:id/diff',
    role: 'viewer',
    summary: 'What its branch changes; with format=patch the lines themselves, as text',
    query: z.strictObject({ format: z.enum(['json', 'patch']).default('json') }),
    answer: diff,
    async handle(asked, context) {
      const id = await projectOf(asked, context.services);
      const { projects } = context.services;
      if (asked.query.format === 'json') return projects.getDiff(id);
      const { patch, cut } = await projects.getPatch(id);
      context.response.set('X-Cut', String(cut));
      return text(context, patch);
    },
  }),
  route({
    method: 'get',
    path: '/projects/:id/report',
    role: 'viewer',
    summary: 'The report of the project, as df export; with format=markdown as text',
    query: z.strictObject({ format: z.enum(['json', 'markdown']).default('json') }),
    answer: z.looseObject({ outcome: z.looseObject({ status: z.string() }) }),
    async handle(asked, context) {
      const report = await context.services.projects.generateProgressReport(
        await projectOf(asked, context.services),
      );
      return asked.query.format === 'json' ? report : text(context, reportMarkdown(report));
    },
  }),
  route({
    method: 'get',
    path: '/projects/:id/messages',
    role: 'viewer',
    summary: 'What was said to its agents, and when they were told',
    answer: z.array(message),
    handle: async (asked, { services }) => services.projects.getMessages(await projectOf(asked, services)),
  }),
];

/** Never as anything that a browser would run or render. */
async function text({ response }: ApiContext, words: string): Promise<undefined> {
  response.type('text/plain; charset=utf-8').send(words);
  return undefined;
}
