import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { AuditSummary } from '../../../src/factory/model/audit-summary.ts';
import { createServices } from '../../../src/services.ts';
import { eventTypes } from '../../support/events.ts';
import { makeHome } from '../../support/home.ts';
import { makeRepository } from '../../support/repository.ts';

const template = (name: string, body: string) => `---\nname: ${name}\n---\n${body}\n`;
const acceptanceCriteria = { testsPass: false, lintPass: false, formatPass: false, customChecks: [] };

async function open() {
  const repository = await makeRepository();
  const { home, cleanup } = await makeHome();
  const services = await createServices({ env: { ...repository.env, DF_HOME: home } });
  onTestFinished(async () => {
    await services.close();
    await cleanup();
    await repository.cleanup();
  });
  const file = join(repository.outside, 'mine.md');
  await writeFile(file, template('tester', 'My own words.'));
  const tester = { templateName: 'tester', templatePath: file, acceptanceCriteria, priority: 2 };
  const commands = { test: 'true', lint: null, format: null };
  const what = { name: 'own', description: 'Do it.', repository: repository.dir, commands };
  return { services, home, file, tester, what };
}

it('an agent works by the template at the path that was given, whatever its name finds', async () => {
  const { services, home, file, tester, what } = await open();
  const { engine, agents, projectService, state } = services;
  const { id } = await engine.createProject({ ...what, personas: ['engineer'] });
  const lastAudit: AuditSummary = {
    ...{ kind: 'closing', round: 1, at: new Date(0), commit: 'c', passed: true, judge: 'j', findings: [] },
  };
  await state.project(id).update((each) => ({ ...each, lastAudit }));
  await agents.instantiateAgent({ id }, tester);
  // It did not see what this one will do.
  expect(await state.project(id).get()).not.toHaveProperty('lastAudit');
  const second = await engine.createProject({ ...what, name: 'whole', personas: [tester] });
  for (const project of [await state.project(id).get(), second]) {
    expect(project.personas.at(-1)).toMatchObject({ templatePath: file, fromPath: true });
    expect((await projectService.persona(project, 'tester')).body).toBe('My own words.');
  }
  expect((await projectService.persona(second, 'engineer')).path).not.toBe(file);
  expect(await eventTypes(home, id)).toContain('persona.added');
});

it('a path that its name finds is looked up by the name as ever', async () => {
  const { services, tester, what } = await open();
  const found = await services.personas.load(null, 'tester');
  const given = { ...tester, templatePath: found.path };
  const { personas } = await services.engine.createProject({ ...what, personas: [given] });
  expect(personas).toEqual([given]);
});

it('a template of another name, or that is not there, joins no project', async () => {
  const { services, file, tester, what } = await open();
  const { id } = await services.engine.createProject({ ...what, personas: ['engineer'] });
  const added = (more: object) => services.agents.instantiateAgent({ id }, { ...tester, ...more });
  await expect(added({ templateName: 'reviewer' })).rejects.toMatchObject({
    code: 'persona_invalid',
    message: expect.stringContaining(file),
  });
  await rm(file);
  await expect(added({})).rejects.toMatchObject({ code: 'persona_not_found' });
  await expect(added({ name: 'tester' })).rejects.toMatchObject({ code: 'persona_invalid' });
  expect((await services.state.project(id).get()).personas).toHaveLength(1);
});
