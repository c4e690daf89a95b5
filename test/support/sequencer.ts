import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { placeOf } from './longest.ts';

/**
 * Begins with what takes longest, also on a machine that never ran the tests: without times of earlier runs the files would
 * be ordered by their size, which says little here.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const group = ({ project }: TestSpecification) => project.config.sequence.groupOrder;
    return (await super.sort(files)).sort(
      (a, b) => group(a) - group(b) || placeOf(a.moduleId) - placeOf(b.moduleId),
    );
  }
}
