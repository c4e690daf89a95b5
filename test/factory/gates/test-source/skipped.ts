import { findWeakenings } from '../../../../src/factory/gates/proof/test-changes.ts';
import { readTestFile } from '../../../../src/factory/gates/test-source/test-files.ts';

const words = { allowAll: false, owner: [] as string[], agents: [] as string[] };
/** How many tests more than before a file leaves out; `null`: it was not there. */
export const skipped = (path: string, before: string | null, after: string) =>
  findWeakenings(
    {
      files: [
        {
          path,
          before: before === null ? null : readTestFile(path, before),
          after: readTestFile(path, after),
        },
      ],
    },
    words,
  )
    .filter(({ kind }) => kind === 'skipped')
    .reduce((sum, { count }) => sum + count, 0);
