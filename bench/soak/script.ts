import {
  byPrompt,
  call,
  type Fault,
  type Script,
  type Step,
  sequence,
  taskIds,
} from '../../test/support/model-server/index.ts';
import { chanceOf, pick } from './chance.ts';

/** Every project works in this repository. */
export const REPOSITORY: Record<string, string> = {
  'package.json': JSON.stringify({ name: 'soak', type: 'module', scripts: { test: 'node --test' } }),
  'first.test.js': "import test from 'node:test';\n\ntest('is there', () => {});\n",
};

const FLAPS: readonly Fault[] = [
  { fault: 'rate_limit', retryAfter: 1 },
  { fault: 'server_error' },
  { fault: 'overloaded' },
  { fault: 'cut' },
  { fault: 'reset' },
  { fault: 'not_json' },
  { fault: 'empty_body' },
];

/**
 * What the model says in a soak: by a project's name alone, so that two runs of one seed ask for the same work. Every step may
 * be cut off and asked for again; whole files are written, so that doing it twice changes nothing.
 *
 * @param flapping share of requests that fail in one of the vendors' ways; which ones is up to the order of the requests
 */
export function soakScript(seed: number, names: readonly string[], flapping: number): Script {
  const projects = byPrompt(
    names.map((name) => ({ match: `Fix ${name}.`, script: projectScript(seed, name) })),
  );
  return (turn) => {
    const chance = chanceOf(`${seed} ${turn.requestIndex}`);
    return chance < flapping ? pick(FLAPS, chance / flapping) : projects(turn);
  };
}

/** Names of the projects. Every fifth forks. */
export function projectNames(count: number): string[] {
  return Array.from(
    { length: count },
    (_, index) => `p${String(index).padStart(3, '0')}${index % 5 === 4 ? '-forks' : ''}`,
  );
}

function projectScript(seed: number, name: string): Script {
  const chance = (what: string) => chanceOf(`${seed} ${name} ${what}`);
  const tasks = 1 + Math.floor(chance('tasks') * 3);
  const delayed = (step: Step, what: string): Step =>
    typeof step === 'function' || 'fault' in step
      ? step
      : { ...step, delayMs: 50 + Math.floor(chance(what) * 500) };
  const steps = (numbers: readonly number[], add = true): Step[] => [
    ...(add ? [addTasks(name, tasks)] : []),
    ...numbers.flatMap((number) => workOn(name, number, chance(`lines ${number}`))),
  ];
  const all = Array.from({ length: tasks }, (_, number) => number);
  const finish: Step = call('finish', { summary: 'All is there.' });
  if (!name.endsWith('forks')) {
    return sequence([...steps(all), finish].map((step, index) => delayed(step, `delay ${index}`)));
  }
  const before = [addTasks(name, tasks), propose(name)];
  return byPrompt(
    [
      {
        match: /The decision ".*" is taken|No branch of ".*" is taken/,
        script: sequence([...before, finish]),
      },
      { match: 'you build the option "Sound"', script: sequence([...before, ...steps(all, false), finish]) },
      { match: 'you build the option "Hasty"', script: sequence([...before, broken(name), finish]) },
    ],
    sequence(before),
  );
}

function addTasks(name: string, count: number): Step {
  return call('add_tasks', {
    tasks: Array.from({ length: count }, (_, number) => ({
      title: `Part ${number} of ${name}`,
      description: 'It has to be there, with a test.',
      criteria: [{ name: 'its test passes', command: `node --test ${file(name, number)}.test.js` }],
    })),
  });
}

function workOn(name: string, number: number, chance: number): Step[] {
  const path = file(name, number);
  const value = Math.floor(chance * 1e6);
  const test = `import assert from 'node:assert';\nimport test from 'node:test';\nimport { value } from './${path}.js';\n\ntest('${path}', () => assert.equal(value, ${value}));\n`;
  return [
    call('write_file', { path: `${path}.js`, content: `export const value = ${value};\n` }),
    call('write_file', { path: `${path}.test.js`, content: test }),
    call('bash', { command: 'node --test; git status --short' }),
    (turn) => call('update_task', { id: taskIds(turn)[number] ?? '', status: 'completed' }),
  ];
}

function propose(name: string): Step {
  return call('propose_decision', {
    question: `How should ${name} be built?`,
    confidence: 0.4,
    options: [
      { label: 'Sound', description: 'With tests.', confidence: 0.6, estimated_effort: 'medium' },
      { label: 'Hasty', description: 'Somehow.', confidence: 0.5, estimated_effort: 'low' },
    ],
  });
}

const broken = (name: string): Step =>
  call('write_file', { path: `${name}.test.js`, content: "throw new Error('not done');\n" });

const file = (name: string, number: number) => `${name}-${number}`;
