import { blankedCode } from '../test-source/test-files.ts';
import { changed } from './changes.ts';
import { javascriptChanges, javascriptCopies } from './copies-javascript.ts';
import { pythonChanges, pythonCopies } from './copies-python.ts';
import type { Made } from './made.ts';

/*
 * Copies of a file's own tests in which one thing that they ask for is another one. They call the code under test as the tests do, so
 * they show what assertions on constants cannot: values that equal everything, and assertions that let pass what stands behind a
 * call of the product.
 */

/** A test to be put into the file's text. */
export interface Copy extends Omit<Made, 'make'> {
  text: string;
  title: string;
}

const MOST = 8;

/**
 * @param own names of the file that come from the repository itself, so that a call of them may assert as well
 */
export function copiesIn(path: string, text: string, mark: string, own: readonly string[]): Copy[] {
  const source = { path, text, code: blankedCode(path, text), own };
  const copies = path.endsWith('.py')
    ? pythonCopies(source)
    : /\.[cm]?[jt]sx?$/.test(path)
      ? javascriptCopies(source)
      : [];
  return copies.slice(0, MOST).map(({ make, ...copy }, at) => {
    const title = `test_${mark}_copy${at + 1}_`;
    return { ...copy, title, text: make(title) };
  });
}

/** A script of assertions with another thing asked for in the last one that stands at its top. `null`: there is none. */
export function otherwise(path: string, text: string): string | null {
  const source = { path, text, code: blankedCode(path, text), own: [] };
  const whole = { start: 0, end: text.length };
  // A loop may have nothing to go through, and here nothing tells whether it had on the base commit.
  const last = (
    path.endsWith('.py')
      ? pythonChanges(source, { ...whole, indent: '' }, 'without loops')
      : javascriptChanges(source, whole, 'without loops')
  ).at(-1);
  return last === undefined ? null : changed(text, last, 0, text.length);
}
