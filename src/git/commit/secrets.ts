import type { Config } from '../../factory/config/config.ts';
import {
  allower,
  distinct,
  findShapes,
  lineAt,
  type Span,
} from '../../factory/model/secrets/secret-patterns.ts';
import type { SecretFinding } from '../../factory/model/secrets/secrets-found.ts';
import { once } from '../../lib/async/once.ts';

/** A file that a commit would add or change. */
export interface ScannedFile {
  path: string;
  text: string;
  /** What the file held before; asked only where something was found. `null`: it is new. */
  before(): Promise<string | null>;
}

export type SecretScan = (file: ScannedFile) => Promise<SecretFinding[]>;

/**
 * Looks for keys in a text: by the rules of secretlint, and by looser shapes. A key that the file had before is none of this
 * commit's doing.
 *
 * The library takes some 150 ms to load, once in a process and only when a first file is looked at.
 */
export function createSecretScan({ allow }: Pick<Config['secrets'], 'allow'>): SecretScan {
  const isAllowed = allower(allow);
  const rules = once(openRules);
  return async ({ path, text, before }) => {
    const find = await rules();
    const spans = distinct([...findShapes(text), ...(await find(path, text))]).filter(
      ({ start, end }) => !isAllowed(path, text.slice(start, end)),
    );
    const earlier = spans.length === 0 ? null : await before();
    return spans
      .filter(({ start, end }) => !earlier?.includes(text.slice(start, end)))
      .map(({ start, kind }) => ({ path, line: lineAt(text, start), kind }));
  };
}

async function openRules(): Promise<(path: string, text: string) => Promise<Span[]>> {
  const [{ lintSource }, { secretLintProfiler }, { creator }] = await Promise.all([
    import('@secretlint/core'),
    import('@secretlint/profiler'),
    import('@secretlint/secretlint-rule-preset-recommend'),
  ]);
  // Its marks of time are kept for ever, and where another part of the program clears them it rejects with nobody listening.
  secretLintProfiler.mark = () => {};
  const config = { rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: creator }] };
  return async (path, text) => {
    // A comment of the file must not switch the rules off; offsets stay as they are.
    const content = text.replace(/secretlint-(?=disable|enable)/g, 'secretlint_');
    const { messages } = await lintSource({
      source: { filePath: path, content, ext: extensionOf(path), contentType: 'text' },
      options: { noPhysicFilePath: true, config },
    });
    return messages.map(({ range: [start, end], ruleId }) => ({ start, end, kind: kindOf(ruleId) }));
  };
}

/** `@secretlint/secretlint-rule-basicauth` → `basicauth`. */
function kindOf(ruleId: string): string {
  return ruleId.replace(/^.*secretlint-rule-/, '').replaceAll('-', ' ');
}

function extensionOf(path: string): string {
  return /\.[^./]+$/.exec(path)?.[0] ?? '';
}
