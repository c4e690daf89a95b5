import type { Project } from '../../../src/factory/model/project.ts';
import {
  addTask,
  decision,
  doors,
  type ForkHouse,
  finish,
  openForkHouse,
  write,
} from '../../support/fork-house.ts';
import { call, type Step, taskIds } from '../../support/model.ts';

export const start = [addTask, decision(['Plus', 'Loop'])];
export const takeOver: Step[] = [
  write('a + b\n'),
  (turn) => call('update_task', { id: taskIds(turn)[0] ?? '', status: 'completed' }),
  ({ conversation }) => {
    const text = conversation.map((message) => message.text).join('\n');
    const [, title = ''] = /The task "(Take over the work of [^"]*)"/.exec(text) ?? [];
    return call('update_task', { id: title, status: 'completed' });
  },
  call('bash', { command: 'rm -f red.txt' }),
  finish,
];

interface Change {
  budget?: number;
  base?: string;
  act?: (root: Project, plus: Project) => Promise<unknown>;
}

/** One house for all cases, with their projects by their names. */
export function forkCases() {
  const closers: (() => Promise<unknown>)[] = [];
  const ids: Record<string, string> = {};
  const door = doors();
  let house: ForkHouse;

  /** Begins a project, and does `act` to it once its branch `Plus` is at work, which then goes on. */
  async function begin(
    name: string,
    story: Parameters<ForkHouse['begin']>[1],
    { act, ...change }: Change = {},
  ) {
    const id = await house.begin(name, story, change);
    ids[name] = id;
    if (act === undefined) return;
    await house.when(id, 'forked', ({ childProjectIds }) => childProjectIds.length > 0);
    const { id: plus } = await child(name, 'Plus');
    await house.when(plus, 'at work', ({ status, prepared }) => prepared && status === 'active');
    await act(await house.project(id), await house.project(plus));
    door.open(name);
  }

  const over = (name: string) => house.ended(ids[name] ?? '');
  async function child(name: string, option: string): Promise<Project> {
    const children = await house.children(ids[name] ?? '');
    const found = children.find(({ decisionContext }) => decisionContext?.option === option);
    if (found === undefined) throw new Error(`${name} has no branch ${option}`);
    return found;
  }

  return {
    ...{ ids, door, begin, child, over },
    async open(): Promise<ForkHouse> {
      house = await openForkHouse([], 2, (close) => closers.push(close));
      return house;
    },
    async close(): Promise<void> {
      for (const each of closers.reverse()) await each();
    },
  };
}
