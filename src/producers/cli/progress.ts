import type { FactoryEvent } from '../../factory/project/event.ts';
import { formatDuration } from '../../lib/duration.ts';
import type { Look } from './follow.ts';
import { type Channel, cut, dim, formatUsd, red, type Text, yellow } from './output.ts';

/** Shows the looks of a follower to a person. */
export interface Progress {
  show(look: Look): void;
  /** Clears the live line. */
  end(): void;
}

/** Of these a long run has thousands; the live line tells of them. */
const CHATTER = /^(step|tool|request|cost|job|lease)\./;

/** Without a terminal: at least this often a line is written, in milliseconds, although nothing has changed. */
const HEARTBEAT = 60_000;

/**
 * One line that is replaced on a terminal, with events above it; elsewhere a line when persona, task or status changes
 * and otherwise once a minute.
 *
 * @param everyStep write a line for each step also where there is no terminal
 */
export function createProgress(channel: Channel, now: () => Date, everyStep = false): Progress {
  const started = now().getTime();
  let last = '';
  let lastAt = 0;
  return {
    show(look) {
      const elapsed = now().getTime() - started;
      for (const event of look.events) {
        if (isWorthALine(event)) channel.line(eventLine(event, elapsed));
      }
      const live = liveLine(look, elapsed);
      if (channel.isTerminal) return channel.replaceLine(live);
      const { project, agent, taskTitle } = look;
      const key = [project.status, agent?.personaName, taskTitle, everyStep ? agent?.nextStep : ''].join(
        '\n',
      );
      if (key === last && elapsed - lastAt < HEARTBEAT) return;
      last = key;
      lastAt = elapsed;
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
    agent === undefined ? '' : doing(look(agent.status), project.status),
    taskTitle === undefined ? '' : `“${cut(taskTitle, 50)}”`,
    formatUsd(cost),
  ];
  return `${time(elapsed)}  ${parts.filter((part) => part !== '').join(' · ')}`;
}

function look(status: string): string {
  return status.replaceAll('_', ' ');
}

/** While the project stands still its own status says more than the agent's. */
function doing(agentStatus: string, projectStatus: string): string {
  return projectStatus === 'active' ? agentStatus : look(projectStatus);
}

function time(elapsed: number): string {
  return formatDuration(elapsed).padStart(8);
}
