import { stringify } from 'yaml';
import { type ConfigKey, configKeys } from '../../factory/config/config-keys.ts';

/** What `df setup` may set; everything else stays at its default, as a comment. */
export interface ConfigChoices {
  redisUrl?: string;
  /** For example `12h`. */
  maxRuntime?: string;
  personas?: readonly string[];
}

const COLUMNS = 110;

/**
 * config.yaml with every key and its default. What was not chosen is a comment, so that a later version's better default
 * takes effect by itself.
 */
export function configTemplate({ redisUrl, maxRuntime, personas }: ConfigChoices): string {
  const chosen = { defaultMaxRuntime: maxRuntime, defaultPersonas: personas, 'redis.url': redisUrl };
  const lines = configKeys().flatMap((key) => ['', ...linesOf(key, new Map(Object.entries(chosen)))]);
  return `# Dark Factory. Every key is optional; a commented line shows its default, or an example where nothing is set.
# Durations are written 500ms, 45s, 30m, 12h.
${lines.join('\n')}
`;
}

/** Lines that set nothing begin with `# `; without that they are YAML. */
function linesOf(key: ConfigKey, chosen: ReadonlyMap<string, unknown>, above = ''): string[] {
  const path = `${above}${key.name}`;
  const margin = '  '.repeat(path.split('.').length - 1);
  const meaning = key.values === undefined ? key.meaning : `${key.meaning} (${key.values.join(', ')})`;
  const remarks = wrap(meaning, COLUMNS - margin.length).map((line) =>
    margin === '' ? `## ${line}` : `# ${margin}# ${line}`,
  );
  if (key.keys !== undefined) {
    const inner = key.keys.flatMap((each) => linesOf(each, chosen, `${path}.`));
    const sets = inner.some((line) => !line.startsWith('#'));
    return [...remarks, `${sets ? '' : '# '}${margin}${key.name}:`, ...inner];
  }
  const choice = chosen.get(path);
  const value = valueText(choice ?? key.example ?? key.fallback);
  return [...remarks, `${choice === undefined ? '# ' : ''}${margin}${key.name}: ${value}`];
}

/** On one line. */
export function valueText(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 }).trim();
}

function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < columns) lines.push(`${lines.pop()} ${word}`);
    else lines.push(word);
  }
  return lines;
}
