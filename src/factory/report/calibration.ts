import type { AgentState, Decision } from '../model/agent.ts';
import type { Fork, ForkPhase } from '../model/fork.ts';
import { ENDED, type Project } from '../model/project.ts';

export interface CalibrationMaterial {
  project: Project;
  agents: readonly AgentState[];
}

/** A decision and how it turned out, as far as that is known. */
export interface DecisionLine {
  projectId: string;
  project: string;
  decisionId: string;
  persona: string;
  question: string;
  /** As the agent stated it for the decision as a whole. */
  confidence: number;
  madeAt?: Date;
  selectedOption?: string;
  /** Of a decision that child projects explore or have explored. */
  phase?: ForkPhase;
  /** Of a decision taken without a fork: whether the project completed. Of an explored one: of the chosen option. */
  proved: boolean | null;
  options: OptionLine[];
}

export interface OptionLine {
  label: string;
  confidence: number;
  /** The child that built it. */
  projectId?: string;
  /** Whether that one completed. `null`: not known yet, or never tried. */
  proved: boolean | null;
  chosen: boolean;
}

/** Statements of confidence whose outcome is known, against that outcome. Shares and means are from 0 to 1. */
export interface Calibration extends Tally {
  /** Mean square of the distance between what was stated and what came; 0 is perfect, 0.25 is guessing. `null`: no statement. */
  brier: number | null;
  /** Statements whose outcome is not known yet; they count nowhere else. */
  pending: number;
  /** Those that hold something, ten in all; the upper end belongs to the next one. */
  buckets: (Tally & { from: number; to: number })[];
}

interface Tally {
  count: number;
  meanStated: number | null;
  /** How many proved right. */
  right: number;
  shareRight: number | null;
}

/**
 * The decisions of projects, each once: what a child took over from its parent is the parent's.
 *
 * @param materials in any order; a child of a project that is among them tells how its option ended
 */
export function listDecisions(materials: readonly CalibrationMaterial[]): DecisionLine[] {
  const projects = new Map(materials.map(({ project }) => [project.id, project]));
  return materials.flatMap(({ project, agents }) => {
    const explored = project.forks.map((fork) => exploredLine(project, fork, agents, projects));
    const forked = new Set(project.forks.map(keyOfFork));
    const taken = agents.flatMap((agent) =>
      agent.madeDecisions
        .filter((each) => isOwn(project, each) && !forked.has(keyOf(agent.personaName, each.id)))
        .map((each) => takenLine(project, agent.personaName, each)),
    );
    return [...explored, ...taken];
  });
}

/** What a child took over was made before it was, or in the moment of the fork. */
export function isOwn({ parentProjectId, createdAt }: Project, { madeAt }: Decision): boolean {
  return parentProjectId === undefined || madeAt === undefined || madeAt > createdAt;
}

function keyOf(persona: string, decisionId: string): string {
  return `${persona}/${decisionId}`;
}

function keyOfFork({ persona, decisionId }: Fork): string {
  return keyOf(persona, decisionId);
}

function exploredLine(
  project: Project,
  fork: Fork,
  agents: readonly AgentState[],
  projects: ReadonlyMap<string, Project>,
): DecisionLine {
  const agent = agents.find(({ personaName }) => personaName === fork.persona);
  const decision = [...(agent?.madeDecisions ?? []), ...(agent?.pendingDecisions ?? [])].find(
    ({ id }) => id === fork.decisionId,
  );
  const built = fork.branches.map((branch): OptionLine => {
    const child = projects.get(branch.projectId);
    return {
      label: branch.option,
      confidence: branch.confidence,
      projectId: branch.projectId,
      proved: branch.proved ?? (child === undefined ? null : outcomeOf(child)),
      chosen: fork.choice?.projectId === branch.projectId,
    };
  });
  const others = (decision?.options ?? [])
    .filter(({ label }) => !built.some((option) => option.label === label))
    .map(({ label, confidence }): OptionLine => ({ label, confidence, proved: null, chosen: false }));
  const chosen = built.find((option) => option.chosen);
  return {
    projectId: project.id,
    project: project.name,
    decisionId: fork.decisionId,
    persona: fork.persona,
    question: fork.question,
    confidence: fork.confidence,
    madeAt: fork.endedAt ?? fork.at,
    ...(chosen === undefined ? {} : { selectedOption: chosen.label }),
    phase: fork.phase,
    proved: chosen?.proved ?? null,
    options: [...built, ...others],
  };
}

function takenLine(project: Project, persona: string, decision: Decision): DecisionLine {
  const { id, question, confidence, madeAt, selectedOption, options } = decision;
  return {
    projectId: project.id,
    project: project.name,
    decisionId: id,
    persona,
    question,
    confidence,
    ...(madeAt === undefined ? {} : { madeAt }),
    ...(selectedOption === undefined ? {} : { selectedOption }),
    proved: outcomeOf(project),
    options: options.map((option) => ({
      label: option.label,
      confidence: option.confidence,
      proved: null,
      chosen: option.label === selectedOption,
    })),
  };
}

function outcomeOf({ status }: Project): boolean | null {
  return ENDED.has(status) ? status === 'completed' : null;
}

/**
 * Stated confidence against outcome. Of an explored decision every option that was built is one statement, right when its
 * project was proved; of one taken without a fork the decision itself is, right when the project completed.
 */
export function calibrate(lines: readonly DecisionLine[]): Calibration {
  const statements = lines.flatMap((line) =>
    line.phase === undefined
      ? [{ stated: line.confidence, proved: line.proved }]
      : line.options
          .filter(({ projectId }) => projectId !== undefined)
          .map(({ confidence, proved }) => ({ stated: confidence, proved })),
  );
  const known = statements.flatMap(({ stated, proved }) => (proved === null ? [] : [{ stated, proved }]));
  const buckets = Array.from({ length: BUCKETS }, (_, index) => ({
    from: index / BUCKETS,
    to: (index + 1) / BUCKETS,
    ...tally(known.filter(({ stated }) => bucketOf(stated) === index)),
  }));
  return {
    ...tally(known),
    brier: mean(known.map(({ stated, proved }) => (stated - (proved ? 1 : 0)) ** 2)),
    pending: statements.length - known.length,
    buckets: buckets.filter(({ count }) => count > 0),
  };
}

const BUCKETS = 10;

/** 0.3 × 10 is a little less than 3 in other numbers of this kind: a billionth settles it. */
function bucketOf(stated: number): number {
  return Math.min(BUCKETS - 1, Math.floor(stated * BUCKETS + 1e-9));
}

function tally(statements: readonly { stated: number; proved: boolean }[]): Tally {
  const right = statements.filter(({ proved }) => proved).length;
  return {
    count: statements.length,
    meanStated: mean(statements.map(({ stated }) => stated)),
    right,
    shareRight: statements.length === 0 ? null : right / statements.length,
  };
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
