/** Personas: the files of the home and those that came with the program. */
import * as z from 'zod';
import { ownerAct } from '../../../factory/lifecycle/owner-act.ts';
import { DarkFactoryError } from '../../../lib/failure.ts';
import { type ApiContext, route } from './route.ts';

const persona = z.looseObject({
  name: z.string(),
  version: z.string(),
  description: z.string(),
  source: z.enum(['repository', 'home', 'shipped']),
  path: z.string(),
});
const withText = persona.extend({ text: z.string(), fileVersion: z.string() });
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
      'What is wrong with a text as the file of this persona, as df persona validate; nothing is saved',
    body: z.strictObject({ text }),
    answer: z.object({ valid: z.boolean(), problem: z.string().optional() }),
    async handle({ params, body }, { services }) {
      const problem = services.personas.problemOf(body.text, params['name'] ?? '');
      return problem === null ? { valid: true } : { valid: false, problem };
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
];

async function shown({ services: { personas } }: ApiContext, name: string) {
  const found = await personas.load(null, name);
  return { ...found, ...(await personas.text(found.path)) };
}

async function noted({ services, identity: { by } }: ApiContext, what: string): Promise<void> {
  await ownerAct(services, 'board.changed', `Through the API, by ${by}: ${what}.`);
}
