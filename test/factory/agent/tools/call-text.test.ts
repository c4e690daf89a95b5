import { expect, test } from 'vitest';
import { callText, readCall } from '../../../../src/factory/agent/tools/call-text.ts';

test.each([
  ['bash', { command: 'npm test\n -- --watch=false', timeout_ms: 5 }, 'bash npm test -- --watch=false'],
  ['read_file', { path: 'src/a.ts', offset: 3 }, 'read_file src/a.ts'],
  ['edit_file', { path: 'a.ts', old_text: 'x', new_text: 'y' }, 'edit_file a.ts'],
  [
    'update_task',
    { id: '0369afaf-1a19-8693', status: 'completed', note: 'n' },
    'update_task 0369afaf completed',
  ],
  ['add_tasks', { tasks: [{ title: 'One' }, { title: 'Two' }, null] }, 'add_tasks “One”, “Two”, …'],
  ['commit', { message: 'Add it' }, 'commit Add it'],
  ['finish', { summary: 'Done.' }, 'finish Done.'],
  ['unknown', { n: 1 }, 'unknown'],
])('%s says what it is about', (name, given, text) => {
  expect(callText(name, JSON.stringify(given))).toBe(text);
});

test('arguments that are no object are shown as they were written, and a long command is cut', () => {
  expect(callText('bash', '{"command": "ls')).toBe('bash {"command": "ls');
  expect(readCall('[1]')).toBe('[1]');
  expect(callText('bash', JSON.stringify({ command: 'x'.repeat(9_000) })).length).toBeLessThan(220);
});
