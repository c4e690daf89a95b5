#!/usr/bin/env node
/**
 * Finds what Dark Factory needs on this machine and installs what is missing, where it may.
 *
 *   node scripts/prerequisites.mjs           root installs; with sudo or brew it asks first (on a terminal)
 *   node scripts/prerequisites.mjs --yes     does not ask
 *   node scripts/prerequisites.mjs --check   looks only
 *   node scripts/prerequisites.mjs --tests   also for what tests of the pages need; without it they are skipped
 *
 * Exit codes: 0 everything is there · 2 wrong usage · 4 something is missing; the command that installs it was printed.
 * Plain JavaScript without dependencies: it runs before anything is installed.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline/promises';

const READY = 0;
const USAGE = 2;
const NOT_READY = 4;

/**
 * The table of what is needed, which the program's own hints are made from, too. `programs`: any one of them will do. `oldest`: a version
 * below it counts as missing. `for`: only tests need it.
 */
const { needs: NEEDS, managers: MANAGERS } = JSON.parse(
  readFileSync(new URL('needs.json', import.meta.url), 'utf8'),
);

const APT = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', '-o', 'DPkg::Lock::Timeout=120'];

/** We run those of apt and brew; the others are only printed. What tests alone need comes by itself: not every system has it. */
function commandsOf(manager, needs) {
  if (manager !== 'apt-get')
    return [[...MANAGERS[manager].split(' '), ...needs.map(({ packages }) => packages[manager])]];
  const groups = [
    needs.filter((need) => need.for === undefined),
    ...needs.filter((need) => need.for).map((need) => [need]),
  ];
  return [
    [...APT, 'update'],
    ...groups.filter((group) => group.length > 0).map((group) => aptInstall(group, 'packages')),
  ];
}

/** @param which the field of a need that names its packages */
function aptInstall(needs, which) {
  return [
    ...[...APT, 'install', '-y', '--no-install-recommends'],
    ...needs.map((need) => need[which]['apt-get']),
  ];
}

const NODE_OLDEST = [20, 19];

const forTests = process.argv.includes('--tests');

process.exitCode = await main(process.argv.slice(2));

async function main(args) {
  const unknown = args.find((arg) => !['--yes', '--check', '--tests'].includes(arg));
  if (unknown !== undefined) {
    say(`error: unknown argument ${unknown}. Use --yes, --check or --tests.`);
    return USAGE;
  }
  if (isOlder(process.versions.node, NODE_OLDEST)) {
    say(
      `error: Node.js ${process.versions.node} is too old. Install Node.js ${NODE_OLDEST.join('.')} or newer: https://nodejs.org`,
    );
    return NOT_READY;
  }
  if (process.platform === 'win32') {
    say('error: Windows itself is not supported. Use the Windows Subsystem for Linux (WSL).');
    return NOT_READY;
  }
  const found = look();
  const missing = stillMissing(found);
  if (missing.length === 0) return allThere(found);
  for (const need of missing) say(`missing: ${need.problem}`);
  return install(missing, { yes: args.includes('--yes'), check: args.includes('--check') });
}

/** Every need of this platform with what was found: `program` and `version`, or a `problem`. */
function look() {
  const mine = NEEDS.filter(
    (need) => (need.on === undefined || need.on === process.platform) && (need.for === undefined || forTests),
  );
  return mine.map((need) => {
    const program = need.programs.find((name) => which(name) !== null);
    if (program === undefined) return { ...need, problem: `${need.name} (${need.programs.join(' or ')})` };
    const version = versionOf(program);
    if (version === null) return { ...need, problem: `${need.name}: ${program} does not run` };
    if (isOlder(version, need.oldest)) {
      return { ...need, problem: `${need.name} ${need.oldest.join('.')} or newer; ${program} is ${version}` };
    }
    return { ...need, program, version, problem: null };
  });
}

function stillMissing(found) {
  return found.filter((need) => need.problem !== null);
}

function allThere(found) {
  const versions = found.map((need) => `${need.program} ${need.version}`).join(', ');
  say(`prerequisites: node ${process.versions.node}, ${versions}`);
  const refusal = process.platform === 'linux' ? sandboxRefusal() : null;
  if (refusal !== null) {
    say(`warning: bubblewrap cannot make a sandbox here (${refusal}).`);
    say(
      '  In a container, allow user namespaces (docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined).',
    );
  }
  return READY;
}

async function install(missing, { yes, check }) {
  const plan = planFor(missing);
  if (plan === null) {
    say(`Install ${missing.map((need) => need.name).join(', ')} with the package manager of this system.`);
    return NOT_READY;
  }
  const shown = plan.commands.map((command) => command.join(' ')).join(' && ');
  const allowed =
    !check && (plan.may === 'freely' || (plan.may === 'asked' && (yes || (await agrees(shown)))));
  if (!allowed) {
    say(`${plan.note ?? 'To install it:'}\n\n    ${shown}\n`);
    return NOT_READY;
  }
  say(`Installing ${plan.packages.join(', ')}:\n    ${shown}`);
  if (plan.commands.length > 1 && plan.packages.includes('redis-server')) {
    say("(Debian's package also sets up a Redis service on port 6379. Dark Factory does not use it.)");
  }
  const failures = plan.commands.map(run).filter((failure) => failure !== null);
  for (const command of plan.commandsOtherwise(stillMissing(look()))) run(command);
  const found = look();
  const still = stillMissing(found);
  if (still.every((need) => need.for !== undefined)) {
    for (const need of still) say(`warning: still missing: ${need.problem}; tests that need it are skipped.`);
    return allThere(found.filter((need) => need.problem === null));
  }
  for (const failure of failures) say(failure);
  for (const need of still) say(`error: still missing: ${need.problem}`);
  say(`Install it by hand, then try again:\n\n    ${shown}\n`);
  return NOT_READY;
}

/**
 * The commands that install what is missing, and whether we may run them: `freely` (root on its own machine), `asked`
 * (with sudo or brew, after a yes) or `not`. `null` where the package manager is none that we know.
 */
function planFor(missing) {
  const manager =
    Object.keys(MANAGERS).find((name) => which(name) !== null) ??
    (process.platform === 'darwin' ? 'brew' : null);
  if (manager === null) return null;
  const packages = missing.map((need) => need.packages[manager]);
  if (packages.includes(undefined)) return null;
  const root = process.getuid() === 0;
  // sudo asks for its password on the terminal; without one it must not wait for an answer.
  const sudo = root || manager === 'brew' ? [] : process.stdin.isTTY ? ['sudo'] : ['sudo', '-n'];
  const commands = commandsOf(manager, missing).map((command) => [...sudo, ...command]);
  /** For what the package above did not bring, the next best one. */
  const commandsOtherwise = (needs) =>
    needs
      .filter((need) => need.otherwise?.[manager] !== undefined)
      .map((need) => [...sudo, ...aptInstall([need], 'otherwise')]);
  if (which(manager) === null)
    return { packages, commands, may: 'not', note: 'Install Homebrew (https://brew.sh), then run:' };
  if (manager !== 'apt-get' && manager !== 'brew') return { packages, commands, may: 'not' };
  if (sudo.length > 0 && which('sudo') === null) {
    return {
      packages,
      commands: commandsOf(manager, missing),
      may: 'not',
      note: 'There is no sudo here. As root, run:',
    };
  }
  const may = sudo.length > 0 || manager === 'brew' ? 'asked' : 'freely';
  return { packages, commands, commandsOtherwise, may };
}

async function agrees(shown) {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`Run this now?\n\n    ${shown}\n\n[y/N] `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

/** Runs a command quietly. `null` when it worked, else what it said at the end. */
function run([program, ...args]) {
  const result = spawnSync(program, args, { stdio: ['inherit', 'pipe', 'pipe'], encoding: 'utf8' });
  if (result.status === 0) return null;
  const said = `${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}`;
  const tail = said
    .trim()
    .split('\n')
    .slice(-15)
    .map((line) => `    ${line}`);
  return [
    `error: ${program} ${args.join(' ')} failed (${result.status ?? result.signal ?? 'not started'}):`,
    ...tail,
  ].join('\n');
}

/** The first words of bubblewrap's refusal, or `null` when a sandbox can be made. */
function sandboxRefusal() {
  const args = [
    '--unshare-all',
    '--die-with-parent',
    '--ro-bind',
    '/',
    '/',
    '--proc',
    '/proc',
    '--dev',
    '/dev',
    'true',
  ];
  const result = spawnSync('bwrap', args, { encoding: 'utf8' });
  return result.status === 0 ? null : (result.stderr ?? '').trim().split('\n')[0] || 'no reason given';
}

function which(program) {
  for (const folder of (process.env.PATH ?? '').split(delimiter).filter((part) => part !== '')) {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return join(folder, program);
    } catch {
      // Not there, or not to be run: the next folder.
    }
  }
  return null;
}

/** `7.0.15` from what a program says about itself; `null` when it does not run. */
function versionOf(program) {
  const result = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return /\d+\.\d+(\.\d+)*/.exec(`${result.stdout ?? ''}`)?.[0] ?? null;
}

function isOlder(version, oldest) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < oldest[0] || (major === oldest[0] && minor < oldest[1]);
}

/** All for people, all on stderr: stdout belongs to the command that runs after us. */
function say(line) {
  process.stderr.write(`${line}\n`);
}
