import { type Ecosystem, NO_SETUP, NOTHING_AT_HOME, wholeUnless } from '../types.ts';
import { callsIn } from './cmake-calls.ts';
import { bends, provesAsMuch } from './cmake-tests.ts';

/** CTest with it. Commands are the owner's to name. */
export const cmake: Ecosystem = {
  name: 'cmake',
  find: async () => ({}),
  definitions: {
    names: [/^(CTestConfig|CTestCustom)\.cmake$|^CMake(User)?Presets\.json$/],
    paths: [],
    families: [
      {
        names: /^CMakeLists\.txt$|\.cmake$/,
        locks: false,
        free: true,
        first: (text) => bends(callsIn(text) ?? []),
      },
    ],
  },
  manifests: [
    {
      name: /^CMakeLists\.txt$|\.cmake$/,
      merge: wholeUnless(sameTests),
      mayGo: (base) => sameTests(base, ''),
    },
  ],
  installed: [],
  setup: NO_SETUP,
  home: NOTHING_AT_HOME,
};

function sameTests(base: string, head: string): boolean {
  const [old, now] = [callsIn(base), callsIn(head)];
  return old !== null && now !== null && provesAsMuch(old, now);
}
