/** Personas: the files of the home and those that came with the program. */
import * as z from 'zod';
import { ownerAct } from '../../../factory/lifecycle/owner-act.ts';
import { project } from '../../../factory/model/project.ts';
import { DarkFactoryError } from '../../../lib/failure.ts';
import { usd } from '../../../lib/schema.ts';
import { makeTrial, planTrial, trialsOf } from '../../trial/trial.ts';
import { type ApiContext, route } from './route.ts';

const persona = z.looseObject({
  name: z.string(),
  version: z.string(),
  description: z.string(),
  source: z.enum(['repository', 'home', 'shipped']),
  path: z.string(),
});
const withText = persona.extend({ text: z.string(), fileVersion: z.string() });
const trial = z.looseObject({
  id: z.string(),
  persona: z.string(),
  status: z.string(),
  turns: z.number(),
  cost: z.number(),
});
/** Of what was read before; `null`: there must be none. */
const ifVersion = z.string().max(64).nullable().optional();
/** A little more than a file may have, so that its own refusal is what one reads. */
const text = z.string().max(1_000_000);

export const personaRoutes = [
  route({
    method: 'get',
    path: '/personas',
    role: 'viewer',
    summary: 'Personas of the home and of the program, as df persona list --json',
    answer: z.array(persona),
    handle: async (_asked, { services }) => (await services.personas.list(null)).personas,
  }),
  route({
    method: 'get',
    path: '/personas/:name',
    role: 'viewer',
    summary: 'A persona, as df persona show --json, with the text of its file',
    answer: withText,
    handle: ({ params }, context) => shown(context, params['name'] ?? ''),
  }),
  route({
    method: 'post',
    path: '/personas/:name/check',
    role: 'viewer',
    summary:
      'What is wrong with a text as the file of this persona, as df persona validate, and what trying it costs; nothing is saved',
    body: z.strictObject({ text }),
    answer: z.object({
      valid: z.boolean(),
      problem: z.string().optional(),
      trial: z.looseObject({ budget: z.number() }).optional(),
    }),
    async handle({ params, body }, { services }) {
      const name = params['name'] ?? '';
      const problem = services.personas.problemOf(body.text, name);
      if (problem !== null) return { valid: false, problem };
      return { valid: true, trial: await planTrial(services, name, body.text) };
    },
  }),
  route({
    method: 'put',
    path: '/personas/:name',
    role: 'owner',
    summary:
      "Saves the home's own persona, which hides a shipped one; 409 where another file is there than was read",
    body: z.strictObject({ text, ifVersion }),
    answer: withText,
    async handle({ params, body }, context) {
      const name = params['name'] ?? '';
      await context.services.personas.save(name, body.text, body.ifVersion);
      await noted(context, `persona ${name} saved`);
      return shown(context, name);
    },
  }),
  route({
    method: 'delete',
    path: '/personas/:name',
    role: 'owner',
    summary: "Removes the home's own persona, where no open project works with it",
    query: z.strictObject({ ifVersion: z.string().max(64).optional() }),
    answer: z.object({ removed: z.string() }),
    async handle({ params, query }, context) {
      const name = params['name'] ?? '';
      const { personas, state } = context.services;
      const { path } = await personas.load(null, name);
      const open = await state.listOpenProjects();
      const user = open.find((each) => each.personas.some(({ templatePath }) => templatePath === path));
      if (user !== undefined)
        throw new DarkFactoryError(
          'failed',
          'persona_in_use',
          `${user.name} works with ${name}`,
          'Nothing was removed. Wait for its end, or stop it.',
        );
      await personas.remove(name, query.ifVersion);
      await noted(context, `persona ${name} removed`);
      return { removed: name };
    },
  }),
  route({
    method: 'get',
    path: '/personas/:name/trials',
    role: 'viewer',
    summary: 'What came of its newest trials: turns, cost, tasks, changes',
    answer: z.array(trial),
    handle: ({ params }, { services }) => trialsOf(services, params['name'] ?? ''),
  }),
  route({
    method: 'post',
    path: '/personas/:name/trials',
    role: 'operator',
    summary:
      'Tries it on a small repository, as df persona try: with this text where one is given, and with a cap',
    body: z.strictObject({
      text: text.optional(),
      budget: usd.positive().optional(),
      task: z.string().optional(),
    }),
    answer: project,
    status: 201,
    async handle({ params, body }, context) {
      const { services, env } = context;
      const name = params['name'] ?? '';
      const words = body.text ?? (await shown(context, name)).text;
      const made = await makeTrial(services, env, { ...body, persona: name, text: words });
      await noted(context, `trial of the persona ${name} begun`);
      return (await services.engine.startProject(made.id)).project;
    },
  }),
];

async function shown({ services: { personas } }: ApiContext, name: string) {
  const found = await personas.load(null, name);
  return { ...found, ...(await personas.text(found.path)) };
}

async function noted({ services }: ApiContext, what: string): Promise<void> {
  await ownerAct(services, 'board.changed', `Through the API, by ${services.by}: ${what}.`);
}
