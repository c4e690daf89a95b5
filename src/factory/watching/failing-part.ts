/** Cuts the log of a job that failed to what failed. Pure. */
import { plainText } from '../../lib/text/plain-text.ts';
import { wellFormed } from '../../lib/text/text.ts';

/** GitHub puts the time before each line; GitLab since 17 the time and a stream. */
const TIME = /^\uFEFF?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z (?:\d\d[OE][ +]?)?/;
/** Marks of sections that nobody reads. */
const SECTION = /section_(?:start|end):\d+:[\w.-]*(?:\[[^\]\n]*\])?\r?/g;
/** Where a runner says that the job has failed. What comes after is tidying up. */
const FAILED = /^(?:##\[error\]|::error|ERROR: Job failed|error Command failed|npm ERR!)/;
/** Where the step began that failed. */
const STEP = /^(?:##\[group\]Run |\$ )/;
/** A runner without any such line fails somewhere near its end. */
const AFTER = 1;

/** The step that failed last, at most `most` characters, the end of it first of all. */
export function failingPart(log: string, most: number): string {
  const lines = plainText(wellFormed(log.replace(SECTION, '')))
    .split('\n')
    .map((line) => line.replace(TIME, '').trimEnd());
  const last = lines.findLastIndex((line) => FAILED.test(line));
  const end = last < 0 ? lines.length : Math.min(lines.length, last + AFTER);
  const kept = lines.slice(0, end);
  const begin =
    last < 0
      ? 0
      : Math.max(
          0,
          kept.slice(0, last).findLastIndex((line) => STEP.test(line)),
        );
  const part = kept.slice(begin).join('\n').trim();
  if (part.length <= most) return part;
  const tail = part.slice(-most);
  return `[…]\n${tail.slice(tail.indexOf('\n') + 1)}`;
}
