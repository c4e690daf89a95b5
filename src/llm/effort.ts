import type { ModelFacts, ModelRequest } from '../factory/ports.ts';

/** Part of the form of a request. */
export interface EffortForm {
  /** In the model's own word, as its owner wants it for all calls. Missing: it cannot be told, or nobody said. */
  effort?: string;
  /** The endpoint was not seen to refuse any. */
  takesEffort: boolean;
}

type Asked = Pick<ModelRequest, 'effort'>;

/** The form with the effort of this request, which goes before its owner's for all; nothing changes where the model has none such. */
export function withEffort<Form extends EffortForm>(form: Form, { effort }: Asked, facts: ModelFacts): Form {
  const word = effort === undefined || !form.takesEffort ? undefined : facts.efforts[effort];
  return word === undefined ? form : { ...form, effort: word };
}

/** After a refusal of it; `undefined`: none was sent. */
export function withoutEffort<Form extends EffortForm>(
  form: Form,
  { effort: asked }: Asked,
): Form | undefined {
  if (form.effort === undefined && (asked === undefined || !form.takesEffort)) return undefined;
  const { effort: _effort, ...rest } = form;
  return { ...(rest as Form), takesEffort: false };
}
