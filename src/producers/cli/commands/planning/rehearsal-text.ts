import type { Finding, Rehearsal } from '../../../../factory/rehearsal/finding.ts';
import { formatDuration } from '../../../../lib/duration.ts';
import type { CommandContext } from '../../framework/context.ts';
import { bold, cut, dim, green, plural, red, type Text, yellow } from '../../render/output.ts';
import { cutWords } from '../../render/wrap.ts';

/** What people see of a rehearsal: what it is at on stderr, what it finds on stdout as it comes. */
export interface RehearsalText {
  doing(whose: readonly string[], what: string): void;
  found(whose: readonly string[], findings: readonly Finding[]): void;
  sum(rehearsal: Rehearsal, file: string | null): void;
  end(): void;
}

/** Milliseconds between two looks at the clock. */
const TICK_MS = 1_000;
const MOST_NAMES = 3;
const MOST_FAILING = 20;
const LONGEST_NAME = 40;

const MARKS = { error: red('FAIL'), warn: yellow('warn'), info: dim('note') } satisfies Record<
  Finding['level'],
  Text
>;

/** @param names of all projects */
export function rehearsalText(
  { out, err, json, program }: CommandContext,
  names: readonly string[],
): RehearsalText {
  const began = performance.now();
  let now = '';
  let at: readonly string[] = [];
  let before = 0;
  const show = () => {
    const time = formatDuration(performance.now() - began).padStart(8);
    err.replaceLines([[dim(time), '  ', cutWords(now, err.columns() - 11)]]);
  };
  const timer = setInterval(() => {
    if (now !== '') show();
  }, TICK_MS);
  timer.unref();

  const named = (whose: readonly string[]) => {
    if (whose.length === 0)
      return names.length === 1 ? cut(names[0] ?? '', LONGEST_NAME) : `all ${names.length} projects`;
    return listed(whose, MOST_NAMES);
  };

  return {
    doing(whose, what) {
      if (whose.length > 0 && whose.join('\0') !== at.join('\0')) {
        before += at.length;
        at = whose;
      }
      const place = whose.length === 0 || names.length === 1 ? '' : `${before + 1} of ${names.length}  `;
      now = whose.length === 0 ? what : `${place}${named(whose)}: ${what}`;
      if (err.isTerminal) show();
      else err.line(now);
    },
    found(whose, findings) {
      if (json) return;
      err.replaceLines([]);
      out.line(bold(named(whose)));
      for (const { level, what, do: remedy } of findings) {
        out.line(['  ', MARKS[level], `  ${what}`]);
        out.line(`        ${remedy}`);
      }
    },
    sum({ ready, projects }, file) {
      const failing = projects.filter((each) => !each.ready).map(({ name }) => name);
      const count = plural(projects.length, 'project');
      out.line();
      if (ready) {
        out.line(green(projects.length === 1 ? 'It is ready.' : `All ${count} are ready.`));
        if (file !== null && file !== '-') out.command(`${program} enqueue ${file}`);
      } else if (projects.length === 1) out.line(red('It would fail, or wait for you.'));
      else
        out.line([
          `${projects.length - failing.length} of ${count} are ready. `,
          red(`Would fail, or wait for you: ${listed(failing, MOST_FAILING)}.`),
        ]);
    },
    end() {
      clearInterval(timer);
      now = '';
      err.replaceLines([]);
    },
  };
}

function listed(names: readonly string[], most: number): string {
  const shown = names.slice(0, most).map((name) => cut(name, LONGEST_NAME));
  const more = names.length - shown.length;
  return more === 0 ? shown.join(', ') : `${shown.join(', ')} and ${more} more`;
}
