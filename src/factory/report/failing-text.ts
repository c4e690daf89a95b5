import { code, escaped } from '../../lib/text/markdown.ts';
import { plainText } from '../../lib/text/plain-text.ts';
import type { FailingCheck } from './failing-checks.ts';

/** `Tests failed: npm test, exit code 1, as on the base commit`. */
export function failingHead({ name, command, exitCode, knownFailure }: FailingCheck): string {
  const exit = exitCode === undefined || exitCode === null ? '' : `, exit code ${exitCode}`;
  return `${name} failed${command === undefined ? '' : `: ${command}`}${exit}${knownFailure ? ', as on the base commit' : ''}`;
}

/** Each failing test with what its runner said, word for word: no line of it can end the block. */
export function failingMarkdown(check: FailingCheck): string {
  const tests = check.failures.map(({ test, message, place }) => {
    const at = place === undefined ? '' : ` (${code(place)})`;
    const head = test === '' ? '' : `**${escaped(test)}**${at}\n\n`;
    const block = plainText(message)
      .split('\n')
      .map((line) => `    ${line}`)
      .join('\n');
    return `${head}${block}`;
  });
  return [escaped(failingHead(check)), ...tests].join('\n\n');
}
