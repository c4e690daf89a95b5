import { afterAll, beforeAll } from 'vitest';
import type { Project } from '../../src/factory/model/project.ts';
import { LONG } from './looks.ts';
import { promptText, type RequestRecord, type Script } from './model.ts';
import type { RunningDf } from './processes/processes.ts';
import { openScenario, type Scenario, type ScenarioOptions } from './scenario.ts';

/** Several projects, told apart by their names, that share one home, repository, Redis, model and worker. */
export interface House {
  readonly s: Scenario;
  readonly worker: RunningDf;
  /** The agents of the project of that name, which is made in another way, follow the script; its description is `Fix NAME.` */
  follows(name: string, script: Script): void;
  /**
   * Makes a project whose agents and judges follow the script. In a repository of its own files its gate runs `node --test`
   * unless the arguments say otherwise: npm in between costs as much as the tests.
   */
  make(name: string, script: Script, ...args: string[]): Promise<Project>;
  /** The same, started and waited for: it must end with that exit code. @returns its id */
  ends(name: string, script: Script, code?: number, ...args: string[]): Promise<string>;
  /** What its agents and judges have asked for so far, in order. */
  requests(name: string): RequestRecord[];
}

/** Opens a house for the tests of the block that calls this, and takes it away after the last of them. */
export function sharedHouse(options: Omit<ScenarioOptions, 'script'>): House {
  const closers: (() => Promise<unknown>)[] = [];
  const scripts = new Map<string, Script>();
  let opened: Scenario | undefined;
  let worker: RunningDf | undefined;
  beforeAll(async () => {
    const script: Script = (turn) => {
      const text = promptText(turn);
      const [, found] = [...scripts].find(([name]) => text.includes(saidOf(name))) ?? [];
      return found === undefined ? { text: 'ok' } : found(turn);
    };
    opened = await openScenario({ ...options, script }, (close) => closers.push(close));
    worker = await opened.worker();
  }, LONG);
  afterAll(async () => {
    for (const close of closers.reverse()) await close();
  });
  const house: House = {
    get s() {
      if (opened === undefined) throw new Error('the house opens before the first test');
      return opened;
    },
    get worker() {
      if (worker === undefined) throw new Error('the house opens before the first test');
      return worker;
    },
    follows: (name, script) => void scripts.set(name, script),
    make(name, script, ...args) {
      house.follows(name, script);
      const own = options.files === undefined || args.includes('--test') || args.includes('--no-test');
      return house.s.init(name, ...(own ? [] : ['--test', 'node --test']), ...args);
    },
    async ends(name, script, code = 0, ...args) {
      const { id } = await house.make(name, script, ...args);
      await house.s.ends(id, code);
      return id;
    },
    requests: (name) =>
      house.s.model.requests.filter(({ body }) => JSON.stringify(body)?.includes(saidOf(name))),
  };
  return house;
}

/** By its description the projects are told apart in what a model is asked. */
const saidOf = (name: string) => `Fix ${name}.`;
