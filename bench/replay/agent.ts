import {
  type Answer,
  call,
  calls,
  type Script,
  type Turn,
  withHousekeeping,
} from '../../test/support/model-server/index.ts';
import type { Commit, WrittenFile } from './commit.ts';

/** Base64 characters in one command. */
const PIECE = 60_000;
/** Commands in one turn. */
const AT_ONCE = 20;

/**
 * An agent that does what a commit did and nothing else, claims to be done, and where its gate objects to a changed file says in a
 * task that the change is wanted.
 *
 * @param told is handed each report that did not pass
 */
export function commitAgent(commit: Commit, told: (report: string) => void): Script {
  const commands = commit.files.flatMap(commandsFor);
  const turns: Answer[] = [];
  for (let at = 0; at < commands.length; at += AT_ONCE)
    turns.push(
      calls(
        ...commands
          .slice(at, at + AT_ONCE)
          .map((command): [string, { command: string }] => ['bash', { command }]),
      ),
    );
  return withHousekeeping((turn) => {
    const next = turns[turn.assistantTurns];
    if (next !== undefined) return next;
    const report = lastReport(turn);
    if (report === null) return call('finish', { summary: commit.subject });
    told(report);
    const named = commit.files.map(({ path }) => path).filter((path) => objectionsIn(report).includes(path));
    if (named.length === 0) return call('finish', { summary: commit.subject });
    return calls(
      [
        'add_tasks',
        {
          tasks: [
            {
              title: `Change ${named.join(', ')}`.slice(0, 200),
              description: `${commit.message}\n\nThis asks for a change of ${named.join(', ')}.`,
            },
          ],
        },
      ],
      ['finish', { summary: commit.subject }],
    );
  });
}

/** The report of a gate that did not pass, where one was the newest thing that the agent was told. */
function lastReport({ conversation }: Turn): string | null {
  const last = conversation.findLast(({ role }) => role === 'user')?.text ?? '';
  return last.includes('The quality gate failed') ? last : null;
}

function objectionsIn(report: string): string {
  return report
    .split('\n')
    .filter((line) => line.includes('NOT ACCEPTED'))
    .join('\n');
}

function commandsFor({ path, content, executable, patch }: WrittenFile): string[] {
  const file = `'${path.replaceAll("'", "'\\''")}'`;
  if (content === null) return [`rm -f -- ${file}`];
  const encoded = content.toString('base64');
  const change = patch?.toString('base64') ?? '';
  // Large files would not fit into the conversation.
  if (patch !== null && encoded.length > PIECE && change.length < PIECE)
    return [`base64 -d <<'EOF' | git apply --whitespace=nowarn\n${change}\nEOF`];
  // Each is a command of its own: systems bound the length of one.
  const commands = [`mkdir -p -- "$(dirname -- ${file})" && : > ${file}`];
  // Whole groups of four characters, so that each piece can be decoded by itself.
  for (let at = 0; at < encoded.length; at += PIECE)
    commands.push(`base64 -d >> ${file} <<'EOF'\n${encoded.slice(at, at + PIECE)}\nEOF`);
  if (executable) commands.push(`chmod +x -- ${file}`);
  return commands;
}
