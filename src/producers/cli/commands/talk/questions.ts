import { DEFAULT } from '../../../../factory/model/talk.ts';
import { decidedAt, type ShownQuestion } from '../../../../factory/talk/questions.ts';
import type { CommandContext } from '../../framework/context.ts';
import type { Invocation } from '../../framework/options.ts';
import { dim, formatMoment, jsonText, plural, shortId, type Text, yellow } from '../../render/output.ts';

/** Of all projects people are shown what is still to be answered, of one project everything. */
export async function run(context: CommandContext, { args: [reference] }: Invocation): Promise<number> {
  const { state, projects, config } = await context.services();
  const id = reference === undefined ? undefined : await state.resolveProject(reference);
  const questions = await projects.getQuestions(id);
  if (context.json) {
    context.out.raw(jsonText(questions));
    return 0;
  }
  const shown = id === undefined ? questions.filter(({ open }) => open) : questions;
  for (const each of shown) {
    const { name } = await state.project(each.projectId).get();
    show(context, name, each, config.questions.patience);
  }
  const others = questions.length - shown.length;
  if (shown.length === 0) context.out.line('Nothing is asked.');
  if (others > 0)
    context.out.line(
      dim(
        `${plural(others, 'question takes', 'questions take')} no answer any more; df questions <id> shows them`,
      ),
    );
  return 0;
}

function show(
  { out, program }: CommandContext,
  name: string,
  question: ShownQuestion,
  patience: number,
): void {
  out.line([
    yellow(shortId(question.id)),
    `  ${name}  `,
    dim(`${question.persona}, ${formatMoment(question.askedAt)}`),
  ]);
  const words = (text: string) => {
    for (const line of text.split('\n')) out.line(`    ${line}`);
  };
  words(question.question);
  for (const option of question.options ?? []) words(`- ${option}`);
  out.line(['    ', ...outcome(program, question, patience)]);
}

function outcome(program: string, question: ShownQuestion, patience: number): Text[] {
  const { id, answer, by, answeredAt } = question;
  const due = decidedAt(question, patience);
  if (answer !== undefined) {
    const who = by === DEFAULT ? 'by its default' : `by ${by}`;
    return [
      dim(`answered ${who}${answeredAt === undefined ? '' : `, ${formatMoment(answeredAt)}`}: `),
      answer,
    ];
  }
  if (!question.open) return [dim('never answered: its project has ended')];
  const otherwise = due === undefined ? '' : `, or at ${formatMoment(due)} its default: ${question.default}`;
  return [yellow('open'), `: ${program} answer ${shortId(id)} TEXT${otherwise}`];
}
