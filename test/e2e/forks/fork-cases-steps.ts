import { addTask, decision, finish, write } from '../../support/fork-house.ts';
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
