import { type Cpu, cpuBetween, cpuNow } from '../cpu.ts';
import { allEnded, type Factory, startProjects } from '../factory.ts';

/** Of each conversation the first ones are not measured: connections are opened and code is compiled in them. */
const WARM = 10;
/** After so many a turn opens no more than it has to: folders of the repository are read anew until they are two seconds old. */
export const SETTLED = 120;

/** The turns of one conversation, as the model saw them. */
export interface Turns {
  /** Milliseconds from the end of each answer to the next request. */
  gaps: number[];
  /** Milliseconds of processor time in a turn; `busy`: of everything that runs. */
  cpu: Omit<Cpu, 'at'>;
  /** When each of their requests came, and the one after. */
  starts: number[];
}

/**
 * Looks at one conversation of the factory's model.
 *
 * @param turns the last so many are measured; as many as the factory was opened with, less `warm`
 * @param pids whose processor time is counted
 */
export async function watchTurns(
  factory: Factory,
  turns: number,
  pids: readonly number[],
  work: () => Promise<void>,
  warm = WARM,
): Promise<Turns> {
  const { requests } = factory.scenario.model;
  const mine: number[] = [];
  const looks: Cpu[] = [];
  factory.onTurn = ({ assistantTurns, requestIndex }) => {
    if (assistantTurns === mine.length) mine.push(requestIndex);
    else return;
    if (assistantTurns === warm || assistantTurns === warm + turns) looks.push(cpuNow(pids));
  };
  await work();
  factory.onTurn = () => {};
  const at = (turn: number) => requests[mine[turn] ?? -1];
  const [before, after] = looks;
  if (before === undefined || after === undefined)
    throw new Error(`the benchmark saw ${mine.length} turns, not ${warm + turns}`);
  const starts = Array.from({ length: turns + 1 }, (_, turn) => at(warm + turn)?.at ?? 0);
  const gaps = starts.slice(1).map((start, turn) => start - (at(warm + turn)?.answeredAt ?? 0));
  const { own, children, busy } = cpuBetween(before, after);
  const cpu = { own: own / turns, children: children / turns, busy: busy / turns };
  return { gaps, cpu, starts };
}

/** The same of one project, from its start to its end. */
export function turnsOf(
  factory: Factory,
  turns: number,
  pids: readonly number[],
  warm = WARM,
): Promise<Turns> {
  const work = async () => void (await allEnded(factory, await startProjects(factory, 1)));
  return watchTurns(factory, turns, pids, work, warm);
}

/** How many turns a factory has to be opened with so that `turns` are measured. */
export const withWarmUp = (turns: number, warm = WARM): number => turns + warm;
