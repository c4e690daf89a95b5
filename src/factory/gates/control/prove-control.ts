import { withControl } from './control.ts';
import { type ControlRun, disarmed, disarmedText, doubtful, filesThatRan } from './judge.ts';
import type { Control } from './types.ts';

/** The content under test, or the base commit with the same tests. */
export type Side = 'now' | 'base';

/** How a command ended, and what it printed of its tests. */
export type Ending = ControlRun['outcome'];

export interface ControlProof {
  /** The check's name, for the report. */
  name: string;
  /** Parts of the names of tests; letters and digits. */
  mark: string;
  /** Files that may hold tests, and programs that the command starts, with their text. */
  texts(side: Side): Promise<ReadonlyMap<string, string>>;
  /** Those that the command starts. */
  started: ReadonlySet<string>;
  /** Runs the check with other texts in place of files. @returns `null` when it was interrupted */
  run(side: Side, texts: Readonly<Record<string, string>>): Promise<Ending | null>;
  /** How the check ended without controls. */
  usual: Readonly<Record<Side, Ending>>;
  /** Sealed files are not named. */
  secret: boolean;
}

/** Programs without a runner are tried one by one: only the exit code tells, and one would speak for all. */
const MOST_PROGRAMS = 4;

/**
 * Runs a check once more with tests in it that must fail, and where they do not, the base commit with the same: only what was
 * seen failing there is missed here.
 *
 * It costs one run of the tests for each content that is green otherwise, and for each program without a runner one.
 *
 * @returns how many files got such tests, and why the check proves nothing; `null` when it was interrupted
 */
export async function proveControl(
  proof: ControlProof,
): Promise<{ files: number; objections: string[] } | null> {
  const texts = await proof.texts('now');
  const controls = controlsOf(texts, proof);
  const files: string[] = [];
  let passed = false;
  for (const { group, form } of groupsOf(controls)) {
    const outcome = await proof.run('now', laid(group));
    if (outcome === null) return null;
    const { usual } = proof;
    const now = { controls: group, outcome, usual: usual.now, ran: filesThatRan(texts, usual.now.run) };
    const doubted = doubtful(now);
    if (doubted.length === 0) continue;
    const base = await onBase(proof, doubted, form);
    if (base === undefined) return null;
    const found = disarmed(now, base);
    files.push(...found);
    passed ||= found.length > 0 && outcome.passed;
  }
  const objections =
    files.length === 0 ? [] : [disarmedText(proof.name, proof.secret ? [] : [...new Set(files)], { passed })];
  return { files: controls.size, objections };
}

function controlsOf(
  texts: ReadonlyMap<string, string>,
  { mark, started }: Pick<ControlProof, 'mark' | 'started'>,
): Map<string, Control> {
  const controls = new Map<string, Control>();
  for (const [path, text] of texts) {
    const named = started.has(path);
    const control = withControl(path, text, { mark: `${mark}x${controls.size + 1}`, named });
    if (control !== null) controls.set(path, control);
  }
  return controls;
}

/** The same control in another form, for programs: of the base commit the same one is asked. */
type Form = 'text' | 'first' | 'other';
type Group = { group: ReadonlyMap<string, Control>; form: Form };

function inForm(controls: ReadonlyMap<string, Control>, form: Form): Map<string, Control> {
  if (form === 'text') return new Map(controls);
  return new Map(
    [...controls].flatMap(([path, { [form]: text }]) =>
      text === undefined ? [] : [[path, { text, titles: [], sure: true }]],
    ),
  );
}

/** All files whose tests have names together; of programs each alone, shell scripts only where they start nothing else. */
function groupsOf(controls: ReadonlyMap<string, Control>): Group[] {
  const all = [...controls];
  const titled = all.filter(([, { titles }]) => titles.length > 0);
  const programs = all.filter(([, { titles }]) => titles.length === 0);
  const inner = programs.filter(([path]) => /\.\w+$/.test(path) && !/\.(sh|bash|zsh)$/.test(path));
  const outer = titled.length + inner.length === 0 ? programs : inner;
  const forms = (['text', 'first', 'other'] as const).flatMap((form) =>
    outer.slice(0, MOST_PROGRAMS).map((each) => ({ group: inForm(new Map([each]), form), form })),
  );
  return [{ group: new Map(titled), form: 'text' as const }, ...forms].filter(({ group }) => group.size > 0);
}

function laid(controls: ReadonlyMap<string, Control>): Record<string, string> {
  return Object.fromEntries([...controls].map(([path, { text }]) => [path, text]));
}

/** @returns `null` where the base commit has none of these files, `undefined` when it was interrupted */
async function onBase(
  proof: ControlProof,
  paths: readonly string[],
  form: Form,
): Promise<ControlRun | null | undefined> {
  const texts = await proof.texts('base');
  const wanted = new Map([...texts].filter(([path]) => paths.includes(path)));
  const controls = inForm(controlsOf(wanted, proof), form);
  if (controls.size === 0) return null;
  const outcome = await proof.run('base', laid(controls));
  if (outcome === null) return undefined;
  const usual = proof.usual.base;
  return { controls, outcome, usual, ran: filesThatRan(texts, usual.run) };
}
