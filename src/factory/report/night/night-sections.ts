import { formatDuration } from '../../../lib/duration.ts';
import { formatUsd } from '../../../lib/text/usd.ts';
import { ENDED } from '../../model/project.ts';
import type { FailingCheck } from '../failing-checks.ts';
import type { NightProject, NightReport } from './night.ts';

/** One project, or one thing that needs its owner, in words. */
export interface NightItem {
  name: string;
  /** Figures, and why it is as it is. */
  about: string[];
  failing: readonly FailingCheck[];
  do: string;
}

export interface NightSection {
  title: 'Needs you' | 'Proved' | 'Failed' | 'Stopped' | 'Open';
  items: NightItem[];
}

/** What needs its owner first, then what is proved, failed, stopped and open; sections without anything are left out. */
export function nightSections({ needsYou, projects, schedules }: NightReport): NightSection[] {
  const of = (wanted: (each: NightProject) => boolean) => projects.filter(wanted).map(itemOf);
  const waiting = new Set(needsYou.map(({ projectId }) => projectId));
  const sections: NightSection[] = [
    {
      title: 'Needs you',
      items: [
        ...needsYou.map((need) => ({ name: need.name, about: [need.why], failing: [], do: need.do })),
        ...schedules.map(({ name, why, do: next }) => {
          const about = [`It made nothing. ${why}`];
          return { name: `schedule ${name}`, about, failing: [], do: next };
        }),
      ],
    },
    { title: 'Proved', items: of(({ status }) => status === 'completed') },
    {
      title: 'Failed',
      items: of(({ status, stopped }) => (status === 'failed' && !stopped) || status === 'timeout'),
    },
    { title: 'Stopped', items: of(({ stopped }) => stopped === true) },
    { title: 'Open', items: of(({ id, status }) => !ENDED.has(status) && !waiting.has(id)) },
  ];
  return sections.filter(({ items }) => items.length > 0);
}

function itemOf(project: NightProject): NightItem {
  const { name, status, reason, tasks, cost, possible, durationMs, repository, branch, failing } = project;
  const figures = [
    ...(tasks.total === 0
      ? []
      : [`${tasks.completed} of ${tasks.total} ${tasks.total === 1 ? 'task' : 'tasks'}`]),
    `${formatUsd(cost)}${possibleText(possible)}`,
    `${formatDuration(durationMs)} active`,
    repository.slice(repository.lastIndexOf('/') + 1),
    branch,
  ];
  const why = reason === undefined || status === 'completed' ? [] : [reason];
  const read = project.publication === undefined ? [] : [project.publication.url];
  return { name, about: [...why, figures.join(' · '), ...read], failing, do: project.next };
}

/** What may have been billed on top of what is known. */
const possibleText = (possible: number): string =>
  possible === 0 ? '' : `, and ${formatUsd(possible)} more at most for replies that were lost`;

/** `2 proved, 1 failed, $3.21 spent`. */
export function totalsText({ totals }: NightReport): string {
  const { projects, completed, failed, stopped, open, cost, possible } = totals;
  const parts = [
    `${projects} ${projects === 1 ? 'project' : 'projects'}`,
    ...(completed > 0 ? [`${completed} proved`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(stopped > 0 ? [`${stopped} stopped`] : []),
    ...(open > 0 ? [`${open} open`] : []),
    `${formatUsd(cost)} spent${possibleText(possible)}`,
  ];
  return parts.join(', ');
}
