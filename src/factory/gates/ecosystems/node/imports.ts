/* What a file of JavaScript has from elsewhere, by its text. */

/** A name of JavaScript, as a part of a regular expression. */
export const JAVASCRIPT_NAME = '[A-Za-z_$][\\w$]*';

export interface Imported {
  /** Name in this file. */
  local: string;
  /** Name in the module; `default` for all of it. */
  name: string;
  module: string;
}

/** What a file imports, in the manner of modules and of `require`. */
export function javascriptImports(code: string): Imported[] {
  const found: Imported[] = [];
  const add = (what: string, module: string) => {
    const whole = new RegExp(`^\\s*(?:\\*\\s*as\\s+)?(${JAVASCRIPT_NAME})\\s*(?:,|$)`).exec(
      what.replace(/\{[^}]*\}/, ''),
    );
    if (whole?.[1] !== undefined) found.push({ local: whole[1], name: 'default', module });
    for (const part of (/\{([^}]*)\}/.exec(what)?.[1] ?? '').split(',')) {
      const [, name, local] =
        new RegExp(
          `^\\s*(?:type\\s+)?(${JAVASCRIPT_NAME})(?:\\s*(?:\\bas\\b|:)\\s*(${JAVASCRIPT_NAME}))?\\s*$`,
        ).exec(part) ?? [];
      if (name !== undefined) found.push({ local: local ?? name, name, module });
    }
  };
  for (const [, what = '', module = ''] of code.matchAll(
    /^[ \t]*import\s+(?!type\b)([^'"();]{1,2000}?)\s+from\s*["']([^"'\n]+)["']/gm,
  ))
    add(what, module);
  for (const [, what = '', module = '', member = ''] of code.matchAll(
    /^(?:const|let|var)\s+([^=;()]{1,2000}?)\s*=\s*require\(\s*["']([^"'\n]+)["']\s*\)(?:\.(\w+))?/gm,
  )) {
    if (member === '') add(what, module);
    else if (!what.includes('{')) found.push({ local: what.trim(), name: member, module });
  }
  return found;
}
