import type { NewProject } from '../../src/factory/lifecycle/create/new-project.ts';
import type { Project } from '../../src/factory/model/project.ts';
import { createServices, type Services } from '../../src/services.ts';
import { LONG } from './looks.ts';
import {
  type Answer,
  call,
  promptText,
  type Script,
  type Step,
  type Turn,
  taskIds,
  withHousekeeping,
} from './model.ts';
import { openScenario, type Scenario } from './scenario.ts';
import { until } from './until.ts';

/** What the model says in one project and its branches, each list from where its agent was told so. */
export interface Story {
  /** Up to the fork. */
  start: readonly Step[];
  /** In the branch of an option, by its label. */
  options: Readonly<Record<string, readonly Step[]>>;
  /** Once a fork is over. */
  after?: readonly Step[];
  /** Asked to break a tie. */
  judge?: Script;
}

const MARK = /you build the option "(.*?)"|The decision ".*" is taken|No branch of ".*" is taken/s;

/** The last list is said again from its last step on, however long the agent asks. */
function tell({ start, options, after = [call('finish', { summary: 'Done.' })], judge }: Story): Script {
  return withHousekeeping((turn) => {
    if (isTie(turn)) return judge === undefined ? { text: 'I cannot say.' } : judge(turn);
    const { conversation } = turn;
    const at = conversation.findLastIndex(({ role, text }) => role === 'user' && MARK.test(text));
    const [said, label] = MARK.exec(conversation[at]?.text ?? '') ?? [];
    const steps = said === undefined ? start : label === undefined ? after : (options[label] ?? after);
    const taken = conversation.slice(at + 1).filter(({ role }) => role === 'assistant').length;
    const step: Step = steps[Math.min(taken, steps.length - 1)] ?? { text: 'Nothing to do.' };
    return typeof step === 'function' ? step(turn) : step;
  });
}

const isTie = ({ system }: Turn): boolean => system.startsWith('You compare two finished solutions');

/** The text `+` that the tests of these projects want stands in `sum.txt`. */
const SUM: Record<string, string> = { 'sum.txt': 'a - b\n', 'README.md': 'Sums.\n' };
/** What their gate runs: a `red.txt` anywhere in the merge fails it as well. */
const TEST = "grep -q 'a + b' sum.txt && ! test -e red.txt";

export const decision = (labels: readonly string[], more: Record<string, unknown> = {}): Answer =>
  call('propose_decision', {
    question: 'How?',
    confidence: 0.5,
    options: labels.map((label, index) => ({
      label,
      description: `Do it as ${label}.`,
      confidence: 0.6 - index / 10,
      estimated_effort: 'low',
    })),
    ...more,
  });

export const addTask: Step = call('add_tasks', {
  tasks: [{ title: 'Add', description: 'It must add.', criteria: [{ name: 'adds', command: TEST }] }],
});
export const write = (text: string, path = 'sum.txt'): Step => call('write_file', { path, content: text });
export const claim: Step = (turn) => call('update_task', { id: taskIds(turn)[0] ?? '', status: 'completed' });
export const finish: Step = call('finish', { summary: 'It adds.' });
/** Steps of a branch that is proved, and of one whose gate stays red. */
export const good = (text = 'a + b\n'): Step[] => [write(text), claim, finish];
export const bad: readonly Step[] = [write('a * b\n'), finish];
/** At $1 and $2 a million tokens: five cents. */
const FIVE_CENTS = { input: 20_000, output: 15_000, cacheRead: 0, cacheWrite: 0 };
export const dear =
  (step: Step): Step =>
  async (turn) => ({
    ...(typeof step === 'function' ? await step(turn) : step),
    usage: FIVE_CENTS,
  });
/** One command after another, none like the one before. */
export const busy: Step = (turn) => call('bash', { command: `echo ${turn.assistantTurns} > count.txt` });

/** Lets a test do something to a project while its model thinks. */
export function doors() {
  const opens = new Map<string, () => void>();
  const opened = new Map<string, Promise<void>>();
  return {
    /** Says nothing before the door is open, then does something of no effect. */
    wait(name: string): Step {
      if (!opened.has(name)) opened.set(name, new Promise((resolve) => opens.set(name, resolve)));
      return async (turn) => {
        await opened.get(name);
        return typeof busy === 'function' ? busy(turn) : busy;
      };
    },
    open: (name: string) => opens.get(name)?.(),
  };
}

/** What a project is made with besides. */
export type Change = Pick<NewProject, 'budget' | 'base' | 'sealed'>;

/** Several projects, told apart by their names, that share one home, Redis, model and some workers. */
export interface ForkHouse {
  s: Scenario;
  services: Services;
  /** Makes a project and starts it. */
  begin(name: string, story: Story, change?: Change): Promise<string>;
  make(name: string, story: Story, change?: Change): Promise<string>;
  project(id: string): Promise<Project>;
  children(id: string): Promise<Project[]>;
  /** Waits until the project is as wanted. */
  when(id: string, what: string, wanted: (project: Project) => boolean): Promise<Project>;
  /** Waits for its end, and that all below it is tidied up as well. */
  ended(id: string): Promise<Project>;
}

export async function openForkHouse(
  config: readonly string[],
  workers: number,
  onClose: (close: () => Promise<unknown>) => void,
): Promise<ForkHouse> {
  const stories = new Map<string, Script>();
  const script: Script = (turn) => {
    const text = promptText(turn);
    const [, found] = [...stories].find(([name]) => text.includes(`Fix ${name}.`)) ?? [];
    return found === undefined ? { text: 'ok' } : found(turn);
  };
  const s = await openScenario(
    { script, files: SUM, config: ['gates:', '  maxRounds: 2', ...config], model: { keepBodies: 1 } },
    onClose,
  );
  const services = await createServices({ env: { ...s.env, DF_HOME: s.home } });
  onClose(() => services.close());
  await Promise.all(Array.from({ length: workers }, () => s.worker()));
  const { state, engine } = services;
  const project = (id: string) => state.project(id).get();
  const house: ForkHouse = {
    s,
    services,
    project,
    async make(name, story, change = {}) {
      stories.set(name, tell(story));
      const made = await engine.createProject({
        name,
        description: `Fix ${name}.`,
        repository: s.repository.dir,
        commands: { test: TEST, lint: null, format: null },
        ...change,
      });
      return made.id;
    },
    async begin(...args) {
      const id = await house.make(...args);
      await engine.startProject(id);
      return id;
    },
    children: async (id) => Promise.all((await project(id)).childProjectIds.map(project)),
    async when(id, what, wanted) {
      let last: Project | undefined;
      return until<Project | null>(
        async () => {
          last = await project(id);
          return wanted(last) ? last : null;
        },
        LONG,
        () => `${last?.name} is ${what}; it is ${last?.status}: ${last?.statusReason}`,
      );
    },
    async ended(id) {
      const ended = await house.when(id, 'ended', ({ settled }) => settled);
      for (const child of ended.childProjectIds) await house.ended(child);
      return ended;
    },
  };
  return house;
}
