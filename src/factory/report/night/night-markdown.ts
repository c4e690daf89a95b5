import { formatMoment, zoneName } from '../../../lib/moment.ts';
import { bullets, code, escaped, inQuotes } from '../../../lib/text/markdown.ts';
import { failingMarkdown } from '../failing-text.ts';
import type { NightReport } from './night.ts';
import { nightSections, totalsText } from './night-sections.ts';

/** The report of a night as Markdown; whatever others wrote is neutralised. */
export function nightMarkdown(report: NightReport): string {
  const head = [
    `# The night since ${formatMoment(report.since)}`,
    `${totalsText(report)}. Until ${formatMoment(report.until)}, ${zoneName()}.`,
  ];
  const sections = nightSections(report).flatMap(({ title, items }) => [
    `## ${title}`,
    ...items.flatMap(({ name, about, failing, do: next }) => [
      `### ${escaped(name)}`,
      bullets(about.map(escaped)),
      ...failing.map(failingMarkdown),
      `Next: ${code(next)}`,
    ]),
  ]);
  const unreadable = report.unreadable.map(({ id, problem }) => `${code(id)}: ${inQuotes(problem)}`);
  const rest = unreadable.length === 0 ? [] : ['## Not readable', bullets(unreadable)];
  return `${[...head, ...sections, ...rest].join('\n\n')}\n`;
}
