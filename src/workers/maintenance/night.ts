import { closedUntil } from '../../factory/config/work-hours.ts';
import { FACTORY } from '../../factory/finance/deps.ts';
import { goesOn } from '../../factory/report/night/night-ends.ts';
import { nightMarkdown } from '../../factory/report/night/night-markdown.ts';
import { nightSections, totalsText } from '../../factory/report/night/night-sections.ts';
import { isOfFuture } from '../../lib/clock.ts';
import type { Services } from '../../services.ts';
import { episodesOf } from '../../state/home/episodes.ts';

/** As an episode: from the first work after the last report to the next report. */
const NIGHT = 'night';
/** As a mark: when a night was last told of. */
const TOLD = 'night-told';
/** A report of more items than that is read with `df report`. */
const MOST_ITEMS = 50;
/** Is told of where the clock was set back since the night began. Milliseconds. */
const DAY_MS = 24 * 3_600_000;

/**
 * Tells of the night as a whole once nothing goes on any more, or the work hours are over (`night_report`). A crash between the event and the end of the
 * episode tells it twice rather than never.
 *
 * @param lookMs between two looks: what was seen at work may have begun so long before
 */
export async function watchNight(
  services: Pick<Services, 'home' | 'clock' | 'state' | 'config' | 'record' | 'projects'>,
  lookMs = 0,
): Promise<void> {
  const { state, config, clock, record, projects } = services;
  const episodes = episodesOf(services);
  // What is open at the end of the work hours goes on with the next ones.
  if (closedUntil(config, clock.now()) === null && goesOn(await state.listOpenProjects())) {
    await episodes.begin(NIGHT);
    return;
  }
  const seen = await episodes.since(NIGHT);
  if (seen === null) return;
  const told = await episodes.markedAt(TOLD);
  const now = clock.now();
  const known = [new Date(seen.getTime() - lookMs), ...(told === null ? [] : [told])]
    .filter((at) => !isOfFuture(at, now))
    .map((at) => at.getTime());
  const since = new Date(known.length === 0 ? now.getTime() - DAY_MS : Math.max(...known));
  // This worker lives, or nobody would look.
  const report = await projects.generateNightReport(since, 1);
  const message = `The night is over: ${totalsText(report)}.`;
  const words = {
    markdown: nightMarkdown(report),
    sections: nightSections(report).map(({ title, items }) => ({
      title,
      items: items.slice(0, MOST_ITEMS).map(({ name, about, do: next }) => ({ name, about, next })),
    })),
  };
  if (report.projects.length > 0)
    await record({
      projectId: FACTORY,
      type: 'night.ended',
      level: 'info',
      message,
      data: { since: since.toISOString(), ...(config.privacy.encrypt ? {} : words) },
    });
  await episodes.mark(TOLD);
  await episodes.end(NIGHT);
}
