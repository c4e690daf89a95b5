import { parseSync } from 'rolldown/utils';

export interface ImportLine {
  /** As written. `null`: computed at run time. */
  specifier: string | null;
  /** Only types: gone at run time. */
  types: boolean;
}

/** `import('./a.ts').A` in a type, which the parser lists nowhere. */
const MAYBE_IN_TYPE = /\bimport\(\s*(['"])([^'"]+)\1\s*\)/g;
const QUOTED = /^(['"])(.*)\1$/s;

/** Every import and re-export of a source, static and dynamic, also inside types. */
export function importsOf(source: string, lang: 'ts' | 'tsx' = 'ts'): ImportLine[] {
  const { module, errors } = parseSync(`source.${lang}`, source);
  if (errors.length > 0) throw new Error(errors[0]?.message);
  const { staticImports, staticExports, dynamicImports } = module;
  const atRunTime = new Set(dynamicImports.map(({ start }) => start));
  return [
    ...staticImports.map(({ moduleRequest, entries }) => ({
      specifier: moduleRequest.value,
      types: entries.length > 0 && entries.every(({ isType }) => isType),
    })),
    ...staticExports.flatMap(({ entries }) => {
      const [first] = entries;
      if (!first?.moduleRequest) return [];
      return [{ specifier: first.moduleRequest.value, types: entries.every(({ isType }) => isType) }];
    }),
    ...dynamicImports.map(({ moduleRequest: { start, end } }) => ({
      specifier: QUOTED.exec(source.slice(start, end))?.[2] ?? null,
      types: false,
    })),
    ...[...source.matchAll(MAYBE_IN_TYPE)]
      .filter(({ index }) => !atRunTime.has(index))
      .map(([, , specifier = '']) => ({ specifier, types: true })),
  ];
}
