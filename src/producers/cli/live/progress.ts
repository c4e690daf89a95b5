import type { AgentState } from '../../../factory/model/agent.ts';
import type { FactoryEvent } from '../../../factory/model/event.ts';
import type { Project } from '../../../factory/model/project.ts';
import { awaitsSealing } from '../../../factory/model/sealer.ts';
import { formatDuration } from '../../../lib/duration.ts';
import { type Channel, cut, dim, formatUsd, red, type Text, yellow } from '../render/output.ts';
import type { Look } from './follow.ts';

/** Shows the looks of a follower to a person. */
export interface Progress {
  show(look: Look): void;
  /** Clears the live line. */
  end(): void;
}

/** Of these a long run has thousands; the live line tells of them. */
const CHATTER = /^(step|tool|request|cost|job|lease)\./;

/** Without a terminal: a new step alone is a line only this often, and without any news there is one this often. Milliseconds. */
const PAUSE = { step: 5_000, nothing: 60_000 } as const;

/**
 * One line that is replaced on a terminal, with events above it; elsewhere a line when persona, task or status changes,
 * now and then for a step, and once a minute in any case.
 *
 * @param everyStep write a line for each step also where there is no terminal
 */
export function createProgress(channel: Channel, now: () => Date, everyStep = false): Progress {
  const started = now().getTime();
  let last: { key: string; step: number | undefined; at: number } = { key: '', step: undefined, at: 0 };
  return {
    show(look) {
      const elapsed = now().getTime() - started;
      for (const event of look.events) {
        if (isWorthALine(event)) channel.line(eventLine(event, elapsed));
      }
      const live = liveLine(look, elapsed);
      if (channel.isTerminal) return channel.replaceLine(live);
      const key = [look.project.status, look.agent?.personaName, look.taskTitle].join('\n');
      const step = look.agent?.nextStep;
      const pause = step === last.step ? PAUSE.nothing : everyStep ? 0 : PAUSE.step;
      if (key === last.key && elapsed - last.at < pause) return;
      last = { key, step, at: elapsed };
      channel.line(live);
    },
    end() {
      channel.replaceLine('');
    },
  };
}

function isWorthALine(event: FactoryEvent): boolean {
  if (event.level === 'warn' || event.level === 'error') return true;
  return event.level === 'info' && !CHATTER.test(event.type);
}

function eventLine(event: FactoryEvent, elapsed: number): Text {
  const look = event.level === 'error' ? red : event.level === 'warn' ? yellow : (text: string) => text;
  return [dim(time(elapsed)), '  ', look(cut(event.message, 300))];
}

function liveLine({ project, agent, taskTitle, cost }: Look, elapsed: number): string {
  const parts = [
    agent?.personaName ?? (project.status === 'active' ? 'closing audit' : look(project.status)),
    agent === undefined ? '' : `step ${agent.nextStep}`,
    agent === undefined ? '' : doing(agent, project),
    taskTitle === undefined ? '' : `“${cut(taskTitle, 50)}”`,
    formatUsd(cost),
  ];
  return `${time(elapsed)}  ${parts.filter((part) => part !== '').join(' · ')}`;
}

function look(status: string): string {
  return status.replaceAll('_', ' ');
}

/** While the project stands still, or its gate runs before the first step, that says more than the agent's status. */
function doing(agent: AgentState, project: Project): string {
  const { status, baselineGate } = project;
  if (status !== 'active') return look(status);
  if (awaitsSealing(project)) return 'sealed checks are written';
  return baselineGate === undefined ? 'baseline gate' : look(agent.status);
}

function time(elapsed: number): string {
  return formatDuration(elapsed).padStart(8);
}
