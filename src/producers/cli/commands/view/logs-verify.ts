import { FACTORY } from '../../../../factory/finance/deps.ts';
import { type ChainReport, checkChain } from '../../../../state/logs/chain-check.ts';
import { eventChain } from '../../../../state/logs/event-chain.ts';
import type { CommandContext } from '../../framework/context.ts';
import type { Invocation } from '../../framework/options.ts';
import { dim, green, jsonText, plural, red, shortId } from '../../render/output.ts';

type Verified = ChainReport & { projectId: string };

/** Without an id: the factory's own log and those of all projects. */
export async function run(context: CommandContext, { args: [wanted] }: Invocation): Promise<number> {
  const { state, home } = await context.services();
  const ofProject = (id: string) => ({ projectId: id, place: eventChain(state.projectFolder(id), id) });
  const places = [];
  if (wanted !== undefined) places.push(ofProject(await state.resolveProject(wanted)));
  else {
    const { projects, unreadable } = await state.listProjects();
    places.push({ projectId: FACTORY, place: eventChain(home.data, FACTORY) });
    places.push(...[...projects, ...unreadable].map(({ id }) => ofProject(id)));
  }
  const reports: Verified[] = [];
  for (const { projectId, place } of places) reports.push({ projectId, ...(await checkChain(place)) });
  if (context.json) context.out.raw(jsonText(reports));
  else for (const report of reports) tell(context, report);
  return reports.some(({ findings }) => findings.length > 0) ? 1 : 0;
}

function tell({ out }: CommandContext, report: Verified): void {
  const { projectId, file, lines, unchained, torn, last, findings } = report;
  const name = projectId === FACTORY ? FACTORY : shortId(projectId);
  const notes = [
    ...(unchained > 0 ? [`the first ${unchained} not chained, covered by the first hash after them`] : []),
    ...(torn ? ['the last line is torn: its writer died'] : []),
  ];
  const about = [plural(lines, 'line', 'lines'), ...notes].join('; ');
  if (findings.length === 0) {
    out.line([green('intact'), `   ${name}  ${about}  `, dim(lines > 0 ? `up to ${last}` : '')]);
    return;
  }
  out.line([red('changed'), `  ${name}  ${about}`]);
  for (const { line, problem } of findings) out.line(`         ${file}:${line}: ${problem}`);
}
