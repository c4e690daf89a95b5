import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { repeated, timed } from './measure.ts';

/** What a turn costs at the least: one `fetch` to the model and one child process, with no factory around it. */
export async function bareLoop(
  url: string,
  turns: number,
): Promise<{ turn: number[]; model: number[]; command: number[] }> {
  const model: number[] = [];
  const command: number[] = [];
  const turn = await repeated(turns, async (index) => {
    model.push(await timed(() => ask(url)));
    command.push(await timed(() => run(`echo ${index} > /dev/null`)));
  });
  return { turn, model, command };
}

async function ask(url: string): Promise<void> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer sk-bench-0123456789' },
    body: JSON.stringify({
      model: 'scripted-1',
      stream: true,
      stream_options: { include_usage: true },
      messages: [{ role: 'user', content: 'Write numbers into a file.' }],
    }),
  });
  await response.text();
}

async function run(command: string): Promise<void> {
  await once(spawn('/bin/sh', ['-c', command], { stdio: 'ignore' }), 'exit');
}
