import type { AgentState } from '../../../factory/model/agent.ts';
import type { FactoryEvent } from '../../../factory/model/event.ts';
import { type Project, shownStatus } from '../../../factory/model/project.ts';
import { awaitsSealing } from '../../../factory/model/sealing/sealer.ts';
import { formatDuration } from '../../../lib/duration.ts';
import { eventLook, eventText } from '../render/event-text.ts';
import { type Channel, cut, dim, formatCount, formatUsd, type Text } from '../render/output.ts';
import { statusText } from '../render/status-text.ts';
import { cutWords, pack } from '../render/wrap.ts';
import type { Look } from './follow.ts';
import type { WorkLook } from './work-look.ts';

/** Shows the looks of a follower to a person. */
export interface Progress {
  show(look: Look): void;
  /** Clears the live lines. */
  end(): void;
}

/** Of these a long run has thousands; the live line tells of them. */
const CHATTER = /^(step|tool|request|cost|job|lease)\./;

/** Without a terminal: a new step alone is a line only this often, and without any news there is one this often. Milliseconds. */
const PAUSE = { step: 5_000, nothing: 60_000 } as const;

/**
 * Lines that are replaced on a terminal, with events above them; elsewhere a line when persona, task or status changes, now and
 * then for a step, and once a minute in any case. Each branch of a decision has a line of its own.
 *
 * @param everyStep write a line for each step also where there is no terminal
 */
export function createProgress(channel: Channel, now: () => Date, everyStep = false): Progress {
  const started = now().getTime();
  const written = new Map<string, { key: string; step: number | undefined; at: number }>();

  /** Where there is no terminal. */
  const write = (look: WorkLook, name: string, elapsed: number) => {
    const last = written.get(name);
    const key = [look.project.status, look.agent?.personaName, look.taskTitle].join('\n');
    const step = look.agent?.nextStep;
    const pause = step === last?.step ? PAUSE.nothing : everyStep ? 0 : PAUSE.step;
    if (last !== undefined && key === last.key && elapsed - last.at < pause) return;
    written.set(name, { key, step, at: elapsed });
    const parts = [
      ...(name === '' ? [] : [`branch “${name}”`]),
      ...workParts(look),
      ...(look.atHand === undefined ? [] : [look.atHand]),
    ];
    channel.line([dim(time(elapsed)), '  ', parts.join(' · ')]);
  };

  return {
    show(look) {
      const elapsed = now().getTime() - started;
      for (const event of look.events) {
        if (isWorthALine(event)) channel.line(eventLine(event, elapsed));
      }
      if (channel.isTerminal) {
        channel.replaceLines([
          ...liveLines(look, time(elapsed), channel.columns() - 1),
          ...look.branches.flatMap((branch) => branchLines(branch, channel.columns() - 1)),
        ]);
        return;
      }
      write(look, '', elapsed);
      for (const branch of look.branches) write(branch, branchName(branch), elapsed);
    },
    end() {
      channel.replaceLines([]);
    },
  };
}

function isWorthALine(event: FactoryEvent): boolean {
  if (event.level === 'warn' || event.level === 'error') return true;
  return event.level === 'info' && !CHATTER.test(event.type);
}

function eventLine(event: FactoryEvent, elapsed: number): Text {
  // Where words are kept encrypted, what kind of thing happened is still known.
  const said = eventText(event);
  return [dim(time(elapsed)), '  ', eventLook(event)(cut(said, 300))];
}

/** Figures first: they are short, and what they say must not be cut. The command at hand has a line of its own. */
function liveLines(look: WorkLook, head: string, width: number): Text[] {
  const indent = ' '.repeat(head.length + 2);
  const lines = pack(workParts(look), width - indent.length).map((line, index) =>
    index === 0 ? [dim(head), '  ', line] : `${indent}${line}`,
  );
  if (look.atHand === undefined) return lines;
  return [...lines, [indent, dim(cutWords(`› ${look.atHand}`, width - indent.length))]];
}

function branchLines(branch: WorkLook, width: number): Text[] {
  const indent = ' '.repeat(4);
  const title: Text = [
    indent,
    cutWords(`“${branchName(branch)}”`, width - 30),
    '  ',
    statusText(shownStatus(branch.project)),
  ];
  const parts = pack(workParts(branch), width - indent.length - 2).map((line) => `${indent}  ${line}`);
  return branch.project.status === 'active' ? [title, ...parts] : [title];
}

function branchName({ project }: WorkLook): string {
  return cut(project.decisionContext?.option ?? project.name, 60);
}

function workParts({ project, agent, taskTitle, tasks, model, diff, cost }: WorkLook): string[] {
  const { budget } = project.settings;
  const parts = [
    agent?.personaName ?? (project.status === 'active' ? 'closing audit' : look(project.status)),
    agent === undefined ? '' : `step ${agent.nextStep}`,
    agent === undefined ? '' : doing(agent, project),
    `${formatUsd(cost)}${budget === undefined ? '' : ` of ${formatUsd(budget)}`}`,
    tasksText(tasks, taskTitle),
    diff === null || diff.files === 0
      ? ''
      : `+${formatCount(diff.insertions)} -${formatCount(diff.deletions)}`,
    agent === undefined ? '' : (model ?? ''),
  ];
  return parts.filter((part) => part !== '');
}

function tasksText({ settled, total }: WorkLook['tasks'], title: string | undefined): string {
  if (title !== undefined) return `task ${settled + 1} of ${total} “${cut(title, 36)}”`;
  return total === 0 ? '' : `${settled} of ${total} tasks done`;
}

function look(status: string): string {
  return status.replaceAll('_', ' ');
}

/** While the project stands still, or its gate runs before the first step, that says more than the agent's status. */
function doing(agent: AgentState, project: Project): string {
  const { status, baselineGate, waiting } = project;
  if (status !== 'active') return waiting === undefined ? look(status) : `waiting for ${waiting.for}`;
  if (awaitsSealing(project)) return 'sealed checks are written';
  if (agent.status === 'waiting_for_quality') return 'gate';
  return baselineGate === undefined ? 'baseline gate' : look(agent.status);
}

function time(elapsed: number): string {
  return formatDuration(elapsed).padStart(8);
}
