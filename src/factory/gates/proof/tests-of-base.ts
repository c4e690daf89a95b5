import { readAhead } from '../../../lib/async/read-ahead.ts';
import type { Sources } from '../names/products.ts';
import { nameOf } from '../pins/definitions.ts';
import { hasInlineTests, moduleIn, parentsOf } from '../test-source/inline-tests.ts';
import { declaresTests } from '../test-source/test-files.ts';
import { DOCUMENT } from './test-changes.ts';

/** Most sources of Rust that are asked whether they run the examples of a document that changed. */
const MOST_RUST = 300;

/** Whether a file is one of tests as a whole though neither name nor folder tells, or a document of which examples differ. */
export async function isTestsOfBase(
  path: string,
  { old, text }: { old: string | null; text: string | null },
  base: Sources,
): Promise<boolean> {
  // A new file in the place of a module of tests would stand beside the old one, which compiles with neither.
  if (path.endsWith('.rs')) return /^\s*#!\[cfg\(test\)\]/m.test(old ?? '') || isTestModule(path, base);
  if (old === null) return false;
  if (!DOCUMENT.test(path)) return !hasInlineTests(path, old) && declaresTests(path, old);
  if (pythonExamples(old) !== pythonExamples(text ?? '')) return true;
  const left = new Set(rustExamples(text ?? ''));
  if (rustExamples(old).every((each) => left.has(each))) return false;
  // Few documents of a repository of Rust are run: those that its code includes in its own documentation.
  const sources = [...base.paths].filter((each) => each.endsWith('.rs')).slice(0, MOST_RUST);
  for await (const [, source] of readAhead(sources, base.read))
    if (source?.includes(`${nameOf(path)}"`)) return true;
  return false;
}

/** Whether a file of Rust is a module, or within one, that is compiled for tests alone. */
async function isTestModule(path: string, base: Sources): Promise<boolean> {
  const { module, parents } = parentsOf(path);
  let found = false;
  for (const parent of parents.filter((each) => base.paths.has(each))) {
    const named = moduleIn(parent, (await base.read(parent)) ?? '', module);
    if (named?.isTests === false && !(await isTestModule(parent, base))) return false;
    found ||= named !== null;
  }
  return found;
}

const pythonExamples = (text: string): string =>
  [...text.matchAll(/^[ \t]*>>> .*(?:\n(?![ \t]*$).*)*/gm)].map(([example]) => example).join('\n');

const BLOCK = /^[ \t]*(`{3,}|~{3,})[ \t]*([^\n]*)\n[\s\S]*?^[ \t]*\1[ \t]*$/gm;
/** What may stand behind the sign that begins a block which is run as Rust. */
const AS_RUST = /^(?:\{?\.?(?:rust|should_panic|no_run|ignore|compile_fail|edition\d+|test_harness)\b.*)?$/;

const rustExamples = (text: string): string[] =>
  [...text.matchAll(BLOCK)].filter(([, , words = '']) => AS_RUST.test(words.trim())).map(([block]) => block);
