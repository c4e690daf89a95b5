import { describe, expect, it } from 'vitest';
import { sharedHouse } from '../support/house.ts';
import { auditAnswer, isAudit, type Script, type Turn, withHousekeeping } from '../support/model.ts';
import { call, MEND_SUM, sequence } from '../support/scenario.ts';

const TOLD = 'The owner changed the task list';
const told = ({ conversation }: Turn, text = TOLD): boolean =>
  conversation.some((each) => each.role === 'user' && each.text.includes(text));
const write = (path: string) => call('write_file', { path, content: 'more\n' });

/**
 * An agent that mends the sum and, once it is told of more, makes `extra.txt`, which every later criterion asks for.
 *
 * @param late does something at a moment of the judge's or the agent's, once
 */
function script(at: 'judge' | 'finish' | 'judged', late: () => Promise<unknown>): Script {
  let done = false;
  const once = async () => {
    if (done) return;
    done = true;
    await late();
  };
  let turns = 0;
  const agent = withHousekeeping((turn) => {
    if (!told(turn)) return sequence(MEND_SUM)(turn);
    turns += 1;
    return turns === 1 ? write('extra.txt') : call('finish', { summary: 'With the extra.' });
  });
  let verdicts = 0;
  return async (turn) => {
    if (isAudit(turn)) {
      if (at === 'judge') await once();
      verdicts += 1;
      // Its word is on its way while this happens.
      if (at === 'judged' && verdicts === 1) void once();
      return auditAnswer();
    }
    const answer = await agent(turn);
    if (at === 'finish' && 'toolCalls' in answer && answer.toolCalls?.some(({ name }) => name === 'finish'))
      await once();
    return answer;
  };
}

describe('what its owner orders when a project is nearly done', () => {
  const house = sharedHouse({ config: ['audits:', '  maxRounds: 1', 'gates:', '  maxRounds: 2'] });
  const extra = ['--criterion', 'test -f extra.txt', '--description', 'extra.txt must be there.'];
  const add = (name: string) => house.s.df('tasks', 'add', name, 'Make extra', ...extra);
  const proved = async (id: string) => {
    const { status, workBranch, statusReason } = await house.s.project(id);
    expect(status, statusReason).toBe('completed');
    expect(await house.s.repository.git('ls-tree', '--name-only', workBranch)).toContain('extra.txt');
    const { tasks } = await house.s.tasks(id);
    expect(tasks.map((each) => each.status)).toEqual(tasks.map(() => 'completed'));
    return tasks;
  };

  it.each(['finish', 'judge'] as const)('a task added at the %s is worked on', async (at) => {
    const name = `late at ${at}`;
    const id = await house.ends(
      name,
      script(at, () => add(name)),
    );
    expect(await proved(id)).toHaveLength(2);
  });

  it('a task added while the last verdict is on its way is worked on, or refused since the project has ended', async () => {
    const name = 'late at judged';
    let adding: ReturnType<typeof add> | undefined;
    const late = () => {
      adding = add(name);
      return adding;
    };
    const id = await house.ends(name, script('judged', late));
    const { code, stderr } = (await adding) ?? {};
    if (code === 0) expect(await proved(id)).toHaveLength(2);
    else
      expect({ code, stderr, tasks: (await house.s.tasks(id)).tasks }).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('has ended (completed)'),
        tasks: [{ status: 'completed' }],
      });
  });

  it('a task that asks for more since the judge saw it is worked on again, and its verdict does not count', async () => {
    const name = 'asks for more';
    const more = () => house.s.json('tasks', 'update', name, 'Make add add', ...extra);
    const id = await house.ends(name, script('judge', more));
    const [task] = await proved(id);
    expect(task?.evidence.filter(({ name: of, passed }) => of === 'test -f extra.txt' && passed)).not.toEqual(
      [],
    );
  });

  it('a task that was skipped under the judge stays skipped, and nobody is woken for it', async () => {
    const name = 'not needed';
    const skip = () => house.s.json('tasks', 'skip', name, 'Make add add', '--reason', 'not needed');
    const id = await house.ends(name, script('judge', skip));
    expect((await house.s.tasks(id)).tasks[0]).toMatchObject({ status: 'skipped', skippedBy: 'owner' });
  });

  it('words that come under the last judge of a failing project are heard before it ends', async () => {
    const name = 'heard at last';
    let spoken = false;
    let made = false;
    const agent = withHousekeeping((turn) => {
      if (made || !told(turn, 'The owner says: Look again')) return sequence(MEND_SUM)(turn);
      made = true;
      return write('extra.txt');
    });
    const id = await house.ends(name, async (turn) => {
      if (!isAudit(turn)) return agent(turn);
      if (spoken) return auditAnswer();
      spoken = true;
      await house.s.json('tell', name, 'Look again.');
      return auditAnswer({ complete: false, evidence: 'There is no extra.' });
    });
    expect((await house.s.project(id)).status).toBe('completed');
  });

  it('after the end says in words that it came too late, and what to do instead', async () => {
    const name = 'too late';
    const id = await house.ends(name, withHousekeeping(sequence(MEND_SUM)));
    const { workBranch } = await house.s.project(id);
    const late = await house.s.df('tasks', 'add', name, 'Make extra');
    expect(late.code).toBe(2);
    expect(late.stderr).toContain(`df init <name> --base ${workBranch}`);
    expect((await house.s.tasks(id)).tasks).toHaveLength(1);
  });
});
