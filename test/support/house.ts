import { afterAll, beforeAll } from 'vitest';
import type { Project } from '../../src/factory/model/project.ts';
import { promptText, type Script } from './model.ts';
import { openScenario, type Scenario, type ScenarioOptions } from './scenario.ts';
import { LONG } from './looks.ts';

/** Several projects, told apart by their names, that share one home, repository, Redis, model and worker. */
export interface House {
  readonly s: Scenario;
  /**
   * Makes a project whose agents and judges follow the script. In a repository of its own files its gate runs `node --test`
   * unless the arguments say otherwise: npm in between costs as much as the tests.
   */
  make(name: string, script: Script, ...args: string[]): Promise<Project>;
  /** The same, started and waited for: it must end with that exit code. @returns its id */
  ends(name: string, script: Script, code?: number, ...args: string[]): Promise<string>;
}

/** Opens a house for the tests of the block that calls this, and takes it away after the last of them. */
export function sharedHouse(options: Omit<ScenarioOptions, 'script'>): House {
  const closers: (() => Promise<unknown>)[] = [];
  const scripts = new Map<string, Script>();
  let opened: Scenario | undefined;
  beforeAll(async () => {
    const script: Script = (turn) => {
      const text = promptText(turn);
      const [, found] = [...scripts].find(([name]) => text.includes(`Fix ${name}.`)) ?? [];
      return found === undefined ? { text: 'ok' } : found(turn);
    };
    opened = await openScenario({ ...options, script }, (close) => closers.push(close));
    await opened.worker();
  }, LONG);
  afterAll(async () => {
    for (const close of closers.reverse()) await close();
  });
  const house: House = {
    get s() {
      if (opened === undefined) throw new Error('the house opens before the first test');
      return opened;
    },
    make(name, script, ...args) {
      scripts.set(name, script);
      const own = options.files === undefined || args.includes('--test') || args.includes('--no-test');
      return house.s.init(name, ...(own ? [] : ['--test', 'node --test']), ...args);
    },
    async ends(name, script, code = 0, ...args) {
      const { id } = await house.make(name, script, ...args);
      await house.s.ends(id, code);
      return id;
    },
  };
  return house;
}
