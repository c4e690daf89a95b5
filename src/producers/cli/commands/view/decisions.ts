import { flatten, readTree } from '../../../../factory/decisions/tree/tree.ts';
import { readAgents } from '../../../../factory/model/agents.ts';
import type { Project } from '../../../../factory/model/project.ts';
import type { StateStore } from '../../../../factory/ports.ts';
import {
  type Calibration,
  type CalibrationMaterial,
  calibrate,
  type DecisionLine,
  listDecisions,
} from '../../../../factory/report/calibration.ts';
import { DarkFactoryError } from '../../../../lib/failure.ts';
import { mayHaveDecided } from '../../../../state/documents/decided.ts';
import type { CommandContext } from '../../framework/context.ts';
import type { Invocation } from '../../framework/options.ts';
import {
  bold,
  cut,
  dim,
  green,
  jsonText,
  plural,
  red,
  shortId,
  type Text,
  yellow,
} from '../../render/output.ts';
import { table } from '../../render/table.ts';

/** Projects whose agents are read at once. */
const AT_ONCE = 64;

export async function run(context: CommandContext, { args }: Invocation): Promise<number> {
  const { state } = await context.services();
  const materials = await readMaterials(context, state, args[0]);
  const decisions = listDecisions(materials);
  const calibration = calibrate(decisions);
  if (context.json) {
    context.out.raw(jsonText({ calibration, decisions }));
    return 0;
  }
  if (decisions.length === 0) {
    context.out.line('No decision was proposed yet.');
    return 0;
  }
  showCalibration(context, calibration);
  let project: string | undefined;
  for (const decision of decisions) {
    if (decision.projectId !== project) {
      context.out.line();
      context.out.line([bold(cut(decision.project, 80)), '  ', dim(shortId(decision.projectId))]);
    }
    project = decision.projectId;
    showDecision(context, decision);
  }
  return 0;
}

/** All projects, or one with what was forked from it. An unreadable one hides no other. */
async function readMaterials(
  { err }: CommandContext,
  state: StateStore,
  reference: string | undefined,
): Promise<CalibrationMaterial[]> {
  const warn = (id: string, problem: string) =>
    err.line([yellow('warning:'), ` project ${shortId(id)} cannot be read: ${problem}`]);
  if (reference !== undefined) {
    const tree = await readTree(state, await state.resolveProject(reference));
    return Promise.all(flatten(tree).map((project) => material(state, project)));
  }
  const { projects, unreadable } = await state.listProjects();
  for (const { id, problem } of unreadable) warn(id, problem);
  const found: CalibrationMaterial[] = [];
  for (let start = 0; start < projects.length; start += AT_ONCE) {
    const some = projects.slice(start, start + AT_ONCE).map((project) =>
      material(state, project).catch((error: unknown) => {
        if (!(error instanceof DarkFactoryError)) throw error;
        warn(project.id, error.message);
        return null;
      }),
    );
    found.push(...(await Promise.all(some)).filter((each) => each !== null));
  }
  return found;
}

async function material(state: StateStore, project: Project): Promise<CalibrationMaterial> {
  const names = project.personas.map(({ templateName }) => templateName);
  const deciders = new Set(await mayHaveDecided(state.projectFolder(project.id), names));
  const personas = project.personas.filter(({ templateName }) => deciders.has(templateName));
  return { project, agents: await readAgents(state, { id: project.id, personas }) };
}

function showCalibration({ out }: CommandContext, calibration: Calibration): void {
  const { buckets, count, meanStated, shareRight, brier, pending } = calibration;
  const row = (name: string, each: Pick<Calibration, 'count' | 'meanStated' | 'right' | 'shareRight'>) => [
    name,
    String(each.count),
    percent(each.meanStated),
    percent(each.shareRight),
  ];
  if (count > 0) {
    out.line(
      table(
        [
          { head: 'stated' },
          { head: 'count', align: 'right' },
          { head: 'mean', align: 'right' },
          { head: 'proved right', align: 'right' },
        ],
        buckets.map((each) => row(`${each.from.toFixed(1)} to ${each.to.toFixed(1)}`, each)),
        out,
      ),
    );
    out.line();
    out.line(
      `${plural(count, 'statement')}: ${percent(meanStated)} sure on average, ${percent(shareRight)} proved right; Brier score ${(brier ?? 0).toFixed(3)} (0 is perfect, 0.25 is guessing)`,
    );
  }
  if (pending > 0) out.line(dim(`${plural(pending, 'statement')} without an outcome yet`));
}

function percent(share: number | null): string {
  return share === null ? '–' : `${Math.round(share * 100)} %`;
}

function showDecision({ out }: CommandContext, decision: DecisionLine): void {
  const { question, persona, confidence, phase, selectedOption, proved } = decision;
  const how = phase === undefined ? 'taken at once' : `explored, ${phase.replaceAll('_', ' ')}`;
  out.line([
    `  ${cut(question, 100)}  `,
    dim(`${persona}, confidence ${confidence.toFixed(2)}, ${how}`),
    phase === undefined ? ['  ', outcomeText(proved)] : '',
  ]);
  for (const option of decision.options) {
    const chosen = option.chosen || (option.label === selectedOption && phase === undefined);
    out.line([
      `    ${chosen ? '›' : ' '} ${cut(option.label, 80)}  `,
      dim(option.confidence.toFixed(2)),
      option.projectId === undefined ? '' : ['  ', outcomeText(option.proved)],
    ]);
  }
}

function outcomeText(proved: boolean | null): Text {
  if (proved === null) return dim('open');
  return proved ? green('proved') : red('not proved');
}
