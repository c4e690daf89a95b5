/*
 * Makefiles, as far as they can be read without running them: which recipes a command runs, and whether two of them run the same.
 */

const MAKEFILE = /(^|\/)(GNUm|[Mm])akefile$/;

interface Rule {
  /** The line with its targets, or a line that belongs to no rule. */
  head: string;
  targets: string[];
  needs: string[];
  lines: string[];
}

const DIRECTIVE = /^-?(?:include|sinclude|vpath|export|unexport|override|private|define|undefine|load)\b/;

function rulesOf(text: string): Rule[] {
  const rules: Rule[] = [];
  let open: Rule | null = null;
  for (const line of text.replace(/\\\n/g, ' ').split('\n')) {
    if (line.trim() === '' || /^\s*#/.test(line)) continue;
    if (line.startsWith('\t') && open !== null) {
      open.lines.push(line.trim());
      continue;
    }
    const [, targets, needs = ''] = /^([\w./%-][^:=#]*?)[ \t]*::?(?!=)([^=]*)$/.exec(line) ?? [];
    const isRule = targets !== undefined && !DIRECTIVE.test(line);
    const rule: Rule = {
      head: line.trim(),
      targets: isRule ? targets.split(/\s+/) : [],
      needs: isRule ? needs.split(/[\s|]+/).filter((need) => need !== '') : [],
      lines: [],
    };
    rules.push(rule);
    // A line that is set in after anything else is none of a recipe.
    open = isRule ? rule : null;
  }
  return rules;
}

const firstTarget = (rules: readonly Rule[]): string | undefined =>
  rules.flatMap(({ targets }) => targets).find((target) => !target.startsWith('.'));

/** The targets that are asked for and all that they need. */
function withNeeds(rules: readonly Rule[], asked: Iterable<string>): Set<string> {
  const seen = new Set(asked);
  for (const target of seen)
    for (const rule of rules)
      if (rule.targets.includes(target)) for (const need of rule.needs) seen.add(need);
  return seen;
}

/** Recipes of the targets that a `make` is asked for, and of what they need, without the marks before them. */
export function recipesOf(text: string, words: readonly string[]): string[] {
  const rules = rulesOf(text);
  const variables = new Map<string, string>();
  for (const { head } of rules) {
    const [, name, value = ''] = /^(?:export\s+|override\s+)*([\w.-]+)\s*[:?+]*=\s*(.*)$/.exec(head) ?? [];
    if (name !== undefined) variables.set(name, `${variables.get(name) ?? ''} ${value}`);
  }
  const asked = words.filter((word) => rules.some(({ targets }) => targets.includes(word)));
  const first = firstTarget(rules);
  const seen = withNeeds(rules, asked.length > 0 || first === undefined ? asked : [first]);
  const lines = rules
    .filter(({ targets }) => targets.some((target) => seen.has(target)))
    .flatMap((rule) => rule.lines.map((line) => line.replace(/^[@+-]+/, '')));
  return lines.map((line) => withVariables(withVariables(line, variables), variables));
}

function withVariables(line: string, variables: ReadonlyMap<string, string>): string {
  return line.replace(/\$[({]([\w.-]+)[)}]/g, (all, name: string) => variables.get(name)?.trim() ?? all);
}

/** Targets that prove something by their names, whoever asks for them. */
export const PROVES = /test|check|lint|format|fmt|verif|spec|^(?:ci|all)\b/i;
/** Where lines are not what they look like, or rules come from elsewhere. */
const UNREADABLE = /^\.RECIPEPREFIX|^\s*(?:define|-?include|sinclude|load)\b|\$[({](?:eval|call)\b/m;

/**
 * Whether a definition is a Makefile on both sides, and they differ only in rules that neither the commands need nor any target that proves something by its name.
 * Where that is not plain, they differ.
 *
 * @param made words of each command that runs `make`
 */
export function provesTheSame(
  path: string,
  old: string | null,
  now: string | null,
  made: readonly (readonly string[])[],
): boolean {
  if (!MAKEFILE.test(path) || old === null || now === null) return false;
  if (UNREADABLE.test(old) || UNREADABLE.test(now)) return false;
  const [before, after] = [rulesOf(old), rulesOf(now)];
  const first = firstTarget(before);
  if (first !== firstTarget(after)) return false;
  const needed = neededBy([...before, ...after], made, first);
  return JSON.stringify(kept(before, needed)) === JSON.stringify(kept(after, needed));
}

/** What commands ask for with all that it needs, and targets that prove something by their names. */
function neededBy(
  rules: readonly Rule[],
  made: readonly (readonly string[])[],
  first: string | undefined,
): Set<string> {
  const named = new Set(rules.flatMap(({ targets }) => targets));
  const needed = new Set<string>();
  for (const words of made) {
    const asked = words.filter((word) => named.has(word));
    for (const target of asked.length > 0 ? asked : [first ?? '']) needed.add(target);
  }
  for (let size = -1; size !== needed.size; ) {
    size = needed.size;
    for (const target of withNeeds(rules, needed)) needed.add(target);
    // What a recipe names may be what it makes in turn.
    for (const { targets, lines } of rules)
      if (targets.some((target) => needed.has(target)))
        for (const word of lines.flatMap((line) => line.match(/[\w-]+/g) ?? []))
          if (named.has(word)) needed.add(word);
  }
  for (const target of named) if (PROVES.test(target)) needed.add(target);
  return needed;
}

/** All but the rules of which each target is a plain word that nothing needs. */
function kept(rules: readonly Rule[], needed: ReadonlySet<string>): unknown {
  const phony = rules.filter(({ targets }) => targets.length === 1 && targets[0] === '.PHONY');
  const isFree = ({ targets, needs }: Rule) =>
    targets.length > 0 &&
    targets.every((target) => /^[A-Za-z][\w-]*$/.test(target) && !needed.has(target)) &&
    needs.every((need) => /^[\w./-]+$/.test(need));
  return {
    phony: phony.flatMap(({ needs }) => needs.filter((need) => needed.has(need))).sort(),
    rules: rules
      .filter((rule) => !phony.includes(rule) && !isFree(rule))
      .map(({ head, lines }) => [head.replace(/\s+/g, ' '), lines]),
  };
}
