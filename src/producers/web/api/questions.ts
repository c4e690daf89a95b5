/** What agents ask their owner. */
import * as z from 'zod';
import { route } from './route.ts';

const question = z.looseObject({
  id: z.string(),
  projectId: z.string(),
  question: z.string(),
  options: z.array(z.string()).optional(),
  default: z.string().optional(),
  askedAt: z.date(),
  answer: z.string().optional(),
  answeredAt: z.date().optional(),
  by: z.string().optional(),
  open: z.boolean().optional(),
});

export const questionRoutes = [
  route({
    method: 'get',
    path: '/questions',
    role: 'viewer',
    summary:
      'What agents ask, as df questions: of one project, or of all; with open=true what still takes an answer',
    query: z.strictObject({
      project: z.string().min(1).max(200).optional(),
      open: z.enum(['true', 'false']).default('false'),
    }),
    answer: z.array(question),
    async handle({ query }, { services: { projects, state } }) {
      const id = query.project === undefined ? undefined : await state.resolveProject(query.project);
      const asked = await projects.getQuestions(id);
      return query.open === 'true' ? asked.filter(({ open }) => open) : asked;
    },
  }),
  route({
    method: 'post',
    path: '/questions/:id/answer',
    role: 'operator',
    summary: 'Answers a question; of several answers the first counts, the others are told so with 409',
    body: z.strictObject({ text: z.string() }),
    answer: question,
    handle: ({ params, body }, { services }) =>
      services.projects.answerQuestion(params['id'] ?? '', body.text),
  }),
];
