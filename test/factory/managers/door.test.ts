import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AGENTS, ENGINE, FINANCE, GIT, PROJECTS } from '../../../src/factory/managers/arguments.ts';
import type { Arguments } from '../../../src/factory/managers/door.ts';
import { createFactory, type Factory } from '../../../src/index.ts';

const TAKES: Record<keyof Omit<Factory, 'close'>, Readonly<Record<string, Arguments>>> = {
  engine: ENGINE,
  finance: FINANCE,
  projects: PROJECTS,
  git: GIT,
  agents: AGENTS,
};
const METHODS = Object.entries(TAKES).flatMap(([manager, methods]) =>
  Object.entries(methods).map(([method, wanted]) => ({ name: `${manager}.${method}`, wanted })),
);
/** A value for each kind of argument; the first that is taken. */
const VALUES = ['text', 1, {}, new Date(0), { id: 'text' }];

let home: string;
let factory: Factory;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'door-'));
  factory = await createFactory({ home });
});
afterAll(async () => {
  await factory.close();
  await rm(home, { recursive: true, force: true });
});

/** Calls a method as a program does that no compiler has read. */
async function call(name: string, given: readonly unknown[]): Promise<unknown> {
  const [manager = '', method = ''] = name.split('.');
  const methods = Reflect.get(factory, manager);
  return Reflect.apply(Reflect.get(methods, method), methods, given);
}

describe('a method of the library', () => {
  const short = METHODS.flatMap(({ name, wanted }) =>
    Object.entries(wanted)
      .filter(([, schema]) => !schema.safeParse(undefined).success)
      .map(([missing], place) => ({
        ...{ name, missing },
        given: Object.values(wanted)
          .slice(0, place)
          .map((schema) => VALUES.find((value) => schema.safeParse(value).success)),
      })),
  );

  it.each(short)('$name says that its argument $missing is missing, and changes nothing', async (each) => {
    const before = await readdir(home);
    await expect(call(each.name, each.given)).rejects.toMatchObject({
      ...{ kind: 'usage', code: 'argument_invalid' },
      message: `The argument ${each.missing} of ${each.name} is missing`,
      hint: expect.stringContaining(`${each.name}(`),
    });
    expect(await readdir(home)).toEqual(before);
  });

  it.each(METHODS)('$name refuses what is of another kind, for each of its arguments', async (each) => {
    for (const [place, name] of Object.keys(each.wanted).entries()) {
      const given = Object.values(each.wanted)
        .slice(0, place)
        .map((schema) => VALUES.find((value) => schema.safeParse(value).success));
      await expect(call(each.name, [...given, Symbol('odd')])).rejects.toMatchObject({
        code: 'argument_invalid',
        message: expect.stringContaining(`The argument ${name} of ${each.name} cannot be used`),
      });
    }
  });

  it('names the field of an argument that is wrong, and never what stands in it', async () => {
    await expect(call('engine.resumeProject', ['id', { budget: 'sk-secret' }])).rejects.toMatchObject({
      message:
        'The argument change of engine.resumeProject cannot be used: budget: Invalid input: expected number',
      hint: 'Nothing was changed. It is called as engine.resumeProject(projectId, change?).',
    });
    await expect(call('engine.applyBranch', ['id', { squashed: true }])).rejects.toMatchObject({
      message: expect.stringContaining('squashed'),
    });
  });
});

it('a factory is not opened with options of another kind', async () => {
  for (const options of [null, { home: 5 }, { env: 'PATH' }, { onNote: 'text' }, { folder: '/x' }])
    await expect(Reflect.apply(createFactory, undefined, [options])).rejects.toMatchObject({
      code: 'argument_invalid',
    });
});
