import { brief } from '../../../lib/text/text.ts';

/** Long ones say no more. */
const LONGEST = 200;

/** The name of a tool with what its call is about, on one line: its command, its path, its task. */
export function callText(name: string, raw: string): string {
  const about = brief(subjectOf(readCall(raw)), LONGEST);
  return about === '' ? name : `${name} ${about}`;
}

/** A call's arguments as they were meant; the text that the model wrote where it is no JSON object. */
export function readCall(raw: string): Readonly<Record<string, unknown>> | string {
  try {
    const parsed: unknown = JSON.parse(raw);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : raw;
  } catch {
    return raw;
  }
}

function subjectOf(read: ReturnType<typeof readCall>): string {
  if (typeof read === 'string') return read.trim();
  const { tasks, id, status } = read;
  if (Array.isArray(tasks)) return tasks.map(titleOf).join(', ');
  if (typeof id === 'string')
    return [id.slice(0, 8), status].filter((part) => typeof part === 'string').join(' ');
  const words = ['command', 'path', 'message', 'question', 'summary', 'pattern', 'title'].map(
    (key) => read[key],
  );
  return words.find((word) => typeof word === 'string') ?? '';
}

function titleOf(task: unknown): string {
  const title = typeof task === 'object' && task !== null && 'title' in task ? task.title : undefined;
  return typeof title === 'string' ? `“${title}”` : '…';
}
