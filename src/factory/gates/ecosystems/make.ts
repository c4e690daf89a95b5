import { type Ecosystem, type FoundCommand, NO_SETUP, NOTHING_AT_HOME } from './types.ts';

export const make: Ecosystem = {
  name: 'make',
  async find(tree) {
    const file = ['GNUmakefile', 'makefile', 'Makefile'].find((each) => tree.has(each));
    const text = file === undefined ? null : await tree.read(file);
    if (file === undefined || text === null) return {};
    const target = (...names: string[]): FoundCommand | null => {
      const name = names.find((each) =>
        new RegExp(`^(?:[\\w.-]+[ \\t]+)*${each}(?:[ \\t]+[\\w.-]+)*[ \\t]*::?(?!=)`, 'm').test(text),
      );
      return name === undefined ? null : { command: `make ${name}`, source: file };
    };
    return {
      test: target('test', 'check', 'tests', 'unittest'),
      lint: target('lint'),
      format: target('format-check', 'fmt-check', 'check-format'),
      setup: null,
    };
  },
  definitions: {
    names: [],
    paths: [],
    families: [{ names: /^(GNU)?[Mm]akefile$/, locks: false, free: false }],
  },
  manifests: [],
  installed: [],
  setup: NO_SETUP,
  home: NOTHING_AT_HOME,
};
