/**
 * The least that an agent can be: asks the model, runs with bash what it says, tells it what came out, and so on until it calls
 * `finish`. Nothing is kept, limited or proven. Arguments: the model's address, and what bash is started with, if anything.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const [url, ...sandbox] = process.argv.slice(2);
const tool = (name, property) => ({
  type: 'function',
  function: { name, parameters: { type: 'object', properties: { [property]: { type: 'string' } } } },
});
const messages = [
  { role: 'system', content: 'You write numbers.' },
  { role: 'user', content: 'Write numbers into a file.' },
];
for (;;) {
  const calls = await ask();
  messages.push({ role: 'assistant', content: null, tool_calls: calls });
  if (calls.length === 0 || calls[0].function.name === 'finish') break;
  for (const call of calls) {
    const content = await run(JSON.parse(call.function.arguments).command);
    messages.push({ role: 'tool', tool_call_id: call.id, content });
  }
}

async function ask() {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer sk-bench-0123456789' },
    body: JSON.stringify({
      model: 'scripted-1',
      stream: true,
      tools: [tool('bash', 'command'), tool('finish', 'summary')],
      messages,
    }),
  });
  const calls = [];
  for (const line of (await response.text()).split('\n')) {
    if (!line.startsWith('data: {')) continue;
    for (const part of JSON.parse(line.slice(6)).choices[0]?.delta?.tool_calls ?? []) {
      calls[part.index] ??= { id: part.id, type: 'function', function: { name: '', arguments: '' } };
      calls[part.index].function.name += part.function?.name ?? '';
      calls[part.index].function.arguments += part.function?.arguments ?? '';
    }
  }
  return calls;
}

async function run(command) {
  const [file, ...args] = [...sandbox, 'bash', '-c', command];
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  const [code] = await once(child, 'close');
  return `${output}exit code ${code}`;
}
