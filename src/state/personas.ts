/** Persona templates: Markdown files with front matter, from a repository, the home and the program. */

import { isUtf8 } from 'node:buffer';
import { lstat, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  PERSONA_NAME,
  type PersonaTemplate,
  personaFrontMatter,
  toPersonaTemplate,
} from '../factory/model/personas/persona.ts';
import { orNull } from '../lib/errno.ts';
import { DarkFactoryError, usageError } from '../lib/failure.ts';
import { namesIn } from '../lib/file-failure.ts';
import { placeAndProblem } from '../lib/schema.ts';
import { lineOf, parseYaml, type YamlLimits } from './documents/yaml.ts';
import { asEnvironmentError, type FileKey, fileKey, readWhole, sameKey } from './files/files.ts';
import { createPersonaChanges, type PersonaChanges } from './persona-changes.ts';

export type PersonaSource = 'repository' | 'home' | 'shipped';

export interface FoundPersona extends PersonaTemplate {
  source: PersonaSource;
}

export interface PersonaLibrary extends PersonaChanges {
  /**
   * Every persona that `load` would find, by name, and the files that are none. A template of the repository hides one of
   * the same name in the home, and that a shipped one.
   *
   * @param repository top folder of a repository whose `personas/` counts first; `null`: none
   */
  list(
    repository: string | null,
  ): Promise<{ personas: FoundPersona[]; problems: { file: string; problem: string }[] }>;
  /** Throws `not_found`/`persona_not_found` (naming those there are) and `usage`/`persona_invalid`. */
  load(repository: string | null, name: string): Promise<FoundPersona>;
  /** The file that `load` would read, whatever stands in it; `null`: none. */
  pathOf(repository: string | null, name: string): Promise<string | null>;
  /**
   * Reads one file wherever it is. Throws `usage`/`persona_invalid`, `not_found`/`persona_not_found`.
   *
   * @param name what its persona must be called
   */
  validate(file: string, name?: string): Promise<PersonaTemplate>;
}

export interface PersonaLibraryOptions {
  /** `personas/` of the home. */
  home: string;
  /** The templates that came with the program; default: beside its code. */
  shipped?: string;
}

/** Where the form of a persona is written down. It is part of the package. */
export const PERSONA_FORM = fileURLToPath(new URL('../../docs/personas.md', import.meta.url));

const MAX_FILE_BYTES = 256 * 1024;
/** Front matter may come from any repository. */
const FRONT_MATTER_LIMITS: YamlLimits = { maxBytes: 64 * 1024, maxDepth: 8, maxNodes: 2_000 };
const FRONT_MATTER = /^\ufeff?---[ \t]*\r?\n([\s\S]*?)^---[ \t]*(?:\r?\n|$)/m;
/** Files read for one listing; the rest is reported. */
const MOST_FILES = 500;

type Outcome = { ok: true; template: PersonaTemplate } | { ok: false; problem: string };

export function createPersonaLibrary(options: PersonaLibraryOptions): PersonaLibrary {
  const shipped = options.shipped ?? fileURLToPath(new URL('../../personas', import.meta.url));
  const cache = new Map<string, { key: FileKey; outcome: Outcome }>();

  /** A template that is looked up by its file name must also bear it: otherwise it could pass for another persona. */
  async function readNamed(folder: string, name: string): Promise<{ file: string; outcome: Outcome | null }> {
    const file = join(folder, `${name}.md`);
    const outcome = await read(file);
    if (outcome === null && (await isLink(file)))
      return { file, outcome: { ok: false, problem: 'it is a symbolic link that leads nowhere' } };
    if (!outcome?.ok || outcome.template.name === name) return { file, outcome };
    const problem = `its name is "${outcome.template.name}", but the file is called "${name}.md"`;
    return { file, outcome: { ok: false, problem } };
  }

  /** @returns `null` when there is no such file */
  async function read(file: string): Promise<Outcome | null> {
    try {
      return await readAnew(file);
    } catch (error) {
      // One file that cannot be read hides no other.
      if (!(error instanceof DarkFactoryError)) throw error;
      return { ok: false, problem: error.message.replace(`${file}: `, '').replace(/\.$/, '') };
    }
  }

  async function readAnew(file: string): Promise<Outcome | null> {
    const key = fileKey(file);
    if (key === null) {
      cache.delete(file);
      return null;
    }
    const before = cache.get(file);
    if (before !== undefined && sameKey(before.key, key)) return before.outcome;
    const outcome = await readTemplate(file, key);
    if (outcome === null) return null;
    if (cache.size >= MOST_FILES) cache.clear();
    cache.set(file, { key, outcome });
    return outcome;
  }

  function folders(repository: string | null): { folder: string; source: PersonaSource }[] {
    const own = { folder: options.home, source: 'home' } as const;
    const rest = [own, { folder: shipped, source: 'shipped' } as const];
    if (repository === null) return rest;
    return [{ folder: join(repository, 'personas'), source: 'repository' }, ...rest];
  }

  const list: PersonaLibrary['list'] = async (repository) => {
    const personas = new Map<string, FoundPersona>();
    const problems: { file: string; problem: string }[] = [];
    for (const { folder, source } of folders(repository)) {
      for (const name of await templatesIn(folder)) {
        const { file, outcome } = await readNamed(folder, name);
        if (outcome === null) continue;
        if (!outcome.ok) problems.push({ file, problem: outcome.problem });
        else if (!personas.has(name)) personas.set(name, { ...outcome.template, source });
      }
    }
    return { personas: [...personas.values()].sort((a, b) => (a.name < b.name ? -1 : 1)), problems };
  };

  /** The first file of that name, whatever stands in it. */
  async function findNamed(repository: string | null, name: string) {
    if (!PERSONA_NAME.test(name)) return null;
    for (const { folder, source } of folders(repository)) {
      const { file, outcome } = await readNamed(folder, name);
      if (outcome !== null) return { path: file, source, outcome };
    }
    return null;
  }

  return {
    list,
    ...createPersonaChanges({
      folder: options.home,
      maxBytes: MAX_FILE_BYTES,
      find: (name) => findNamed(null, name),
      parse: parsePersona,
    }),
    async load(repository, name) {
      const found = await findNamed(repository, name);
      if (found?.outcome.ok) return { ...found.outcome.template, source: found.source };
      if (found?.outcome.ok === false) throw invalid(found.path, found.outcome.problem);
      const { personas } = await list(repository);
      throw notFound(
        `There is no persona ${JSON.stringify(name.slice(0, 80))}.`,
        personas.map((each) => each.name),
      );
    },
    pathOf: async (repository, name) => (await findNamed(repository, name))?.path ?? null,
    async validate(file, name) {
      const path = resolve(file);
      const outcome = await read(path);
      if (outcome === null) throw notFound(`${path}: there is no such file.`, []);
      if (!outcome.ok) throw invalid(path, outcome.problem);
      const { template } = outcome;
      if (name === undefined || template.name === name) return template;
      throw invalid(path, `its name is "${template.name}", and not ${JSON.stringify(name.slice(0, 80))}`);
    },
  };
}

async function readTemplate(file: string, key: FileKey): Promise<Outcome | null> {
  // A folder, pipe or device with this name would be a surprise or a wait.
  if (!(await stat(file)).isFile()) return { ok: false, problem: 'it is no regular file' };
  if (key.size > MAX_FILE_BYTES) {
    return { ok: false, problem: `it has ${key.size} bytes; at most ${MAX_FILE_BYTES} are read` };
  }
  const found = await readWhole(file, MAX_FILE_BYTES);
  return found === null ? null : parseBytes(found.data, file);
}

function parseBytes(data: Buffer, file: string): Outcome {
  return isUtf8(data)
    ? parsePersona(data.toString('utf8'), file)
    : { ok: false, problem: 'it is not UTF-8 text' };
}

async function isLink(file: string): Promise<boolean> {
  const found = await orNull(lstat(file)).catch((error: unknown) => {
    throw asEnvironmentError(error, file);
  });
  return found?.isSymbolicLink() ?? false;
}

/** Reads a template; never throws for what stands in it. */
export function parsePersona(text: string, path: string): Outcome {
  const match = FRONT_MATTER.exec(text);
  if (match === null || match.index !== 0) {
    return { ok: false, problem: 'it does not begin with front matter between two lines "---"' };
  }
  const yaml = parseYaml(match[1] ?? '', FRONT_MATTER_LIMITS);
  if (!yaml.ok) return { ok: false, problem: `the front matter: ${yaml.problem}` };
  const front = personaFrontMatter.safeParse(yaml.value ?? {});
  if (!front.success) {
    const [issue] = front.error.issues;
    const at = issue?.code === 'unrecognized_keys' ? [...issue.path, ...issue.keys] : (issue?.path ?? []);
    // The line with the dashes stands above.
    const line = lineOf(match[1] ?? '', at) + 1;
    return { ok: false, problem: `${placeAndProblem(issue)} (line ${line})` };
  }
  const body = text.slice(match[0].length).trim();
  if (body === '') return { ok: false, problem: 'there is no text below the front matter' };
  return { ok: true, template: toPersonaTemplate(front.data, body, path) };
}

async function templatesIn(folder: string): Promise<string[]> {
  return (await namesIn(folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => name.slice(0, -3))
    .filter((name) => PERSONA_NAME.test(name) && !/^readme$/i.test(name))
    .sort()
    .slice(0, MOST_FILES);
}

function invalid(file: string, problem: string): DarkFactoryError {
  return usageError(
    'persona_invalid',
    `${file}: ${problem}.`,
    `Correct it, then try df persona validate on it. The form: ${PERSONA_FORM}`,
  );
}

function notFound(message: string, names: readonly string[]): DarkFactoryError {
  const hint = names.length === 0 ? 'Check the name.' : `There are: ${names.join(', ')}.`;
  return new DarkFactoryError('not_found', 'persona_not_found', message, hint);
}
