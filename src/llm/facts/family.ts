import type { ModelFacts } from '../../factory/ports.ts';

/** Whose models they are. What is `compatible` is asked through chat completions at an endpoint of its own. */
export type FamilyVendor = 'openai' | 'anthropic' | 'compatible';

/** What is known of models that differ in nothing but their date. */
export interface Family {
  /** In lower case, without dates and without the vendor that resellers put in front. */
  names: readonly string[];
  /** The APIs that answer it at its own vendor, the best one first. */
  apis: readonly ModelFacts['api'][];
  /** Missing: what the price list says, if it does. */
  contextTokens?: number;
  /** Missing: not known. */
  maxOutputTokens?: number;
  efforts: ModelFacts['efforts'];
  thinking: ModelFacts['thinking'];
  caching: ModelFacts['caching'];
  /** Why the factory's work cannot be done with it, for people. */
  unfit?: string;
}

/** A vendor whose models are asked for elsewhere: where, for who names the wrong one. */
export interface Home {
  vendor: string;
  /** Beginnings of its models' names. */
  prefixes: readonly string[];
  /** Options of `df provider add` that lead there. */
  options: string;
}

/** One date or word that marks an edition, at the end of a name. */
const EDITION = /[-@:](?:20\d\d-?\d\d-?\d\d|\d{4}|latest|preview|exp|beta)$/;

/** `openai/gpt-5`, `models/gemini-3-pro`, `us.anthropic.claude-opus-5`, `gpt-5:free`. */
export function withoutPrefix(model: string): string {
  const last = model.toLowerCase().split('/').at(-1) ?? '';
  return last.replace(/^(?:[a-z]{2,6}\.)?anthropic\./, '').replace(/:(?:free|nitro|floor|extended)$/, '');
}

/** The family that names the model, with or without a date. */
export function familyOf(families: readonly Family[], model: string): Family | undefined {
  for (let name = withoutPrefix(model); ; ) {
    const found = families.find(({ names }) => names.includes(name));
    const shorter = name.replace(EDITION, '');
    if (found !== undefined || shorter === name) return found;
    name = shorter;
  }
}

/** The family whose name the model's begins with: a fine-tuned or a newer one, of which the same may be expected. */
export function kinOf(families: readonly Family[], model: string): Family | undefined {
  const name = withoutPrefix(model).replace(/^ft:/, '');
  let best: { family: Family; length: number } | undefined;
  for (const family of families) {
    for (const each of family.names) {
      if (each.length <= (best?.length ?? 0) || !name.startsWith(each)) continue;
      if (/[a-z0-9]/.test(name.charAt(each.length))) continue;
      best = { family, length: each.length };
    }
  }
  return best?.family;
}
