import { cargo } from './cargo.ts';
import { deno } from './deno.ts';
import { elsewhere } from './elsewhere.ts';
import { go } from './go.ts';
import { gradle } from './gradle.ts';
import { make } from './make.ts';
import { maven } from './maven.ts';
import { node } from './node/node.ts';
import { cmake } from './others/cmake.ts';
import { composer } from './others/composer.ts';
import { mix } from './others/mix.ts';
import { ruby } from './others/ruby.ts';
import { sbt } from './others/sbt.ts';
import { python } from './python.ts';
import type { Ecosystem } from './types.ts';

/** In order of precedence: the first that knows a command wins, command by command. */
export const ECOSYSTEMS: readonly Ecosystem[] = [
  node,
  python,
  cargo,
  go,
  make,
  maven,
  gradle,
  deno,
  cmake,
  composer,
  ruby,
  mix,
  sbt,
  elsewhere,
];
