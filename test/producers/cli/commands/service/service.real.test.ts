import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findProgram } from '../../../../../src/lib/process/programs.ts';
import { createLaunchd } from '../../../../../src/producers/cli/commands/service/launchd.ts';
import type {
  Ask,
  ServiceManager,
  ServicePlan,
} from '../../../../../src/producers/cli/commands/service/service-manager.ts';
import { createSystemd } from '../../../../../src/producers/cli/commands/service/systemd.ts';
import { makeHome } from '../../../../support/home.ts';
import { runDf } from '../../../../support/processes/processes.ts';

const nobody: Ask = async () => ({ ok: false, stdout: '', problem: 'nobody is asked' });
const systemd = createSystemd(nobody, {}, '/home/ann');
const launchd = createLaunchd(nobody, '/Users/ann', 501);
const plan: ServicePlan = {
  name: 'dark-factory',
  command: [process.execPath, '/opt/100% "odd" $HOME\\place/df.js', 'up', '--workers', '2'],
  env: { PATH: '/usr/bin:/bin', LANG: 'C & <b>' },
  home: '/srv/50% of "it"/home',
  stopWithinMs: 45_000,
  log: '/srv/log',
};

test.each<[string, ServiceManager]>([
  ['systemd', systemd],
  ['launchd', launchd],
])('a service file of %s tells its home again, whatever characters that has', (_, manager) => {
  for (const home of [plan.home, '/a b/c&d', '/x\\y', '/<z>'])
    expect(manager.homeIn(manager.text({ ...plan, home }))).toBe(home);
});

test.skipIf(findProgram('systemd-analyze', process.env['PATH'] ?? '') === null)(
  'systemd finds nothing wrong with the unit, whatever characters stand in its words',
  async () => {
    const { home, cleanup } = await makeHome();
    onTestFinished(cleanup);
    const file = join(home, 'dark-factory.service');
    await writeFile(file, systemd.text({ ...plan, home }));
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--user', file], {
      env: { ...process.env, XDG_RUNTIME_DIR: home },
    });
    // Units of the machine itself may be wrong; what is said of ours counts.
    const ours = stderr
      .toString()
      .split('\n')
      .filter((line) => line.includes('dark-factory'));
    expect({ ours, status }).toEqual({ ours: [], status: 0 });
  },
);

test.skipIf(findProgram('python3', process.env['PATH'] ?? '') === null)(
  'the property list of launchd is well formed and holds the words as they are',
  () => {
    const read = 'import json,plistlib,sys; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())))';
    const { stdout, stderr } = spawnSync('python3', ['-c', read], { input: launchd.text(plan) });
    expect(stderr.toString()).toBe('');
    expect(JSON.parse(stdout.toString())).toMatchObject({
      Label: 'dev.dark-factory',
      ProgramArguments: plan.command,
      EnvironmentVariables: { ...plan.env, DF_HOME: plan.home },
      KeepAlive: { SuccessfulExit: false },
      RunAtLoad: true,
      ExitTimeOut: 45,
    });
  },
);

/** Stands in for the systemd of a user's session, which a test machine has none of: keeps what it was told. */
const SYSTEMCTL = `#!/bin/sh
echo "$*" >> "$HOME/asked"
shift
case "$1" in
  show-environment) test ! -e "$HOME/no-bus" || { echo "Failed to connect to bus" >&2; exit 1; } ;;
  restart) touch "$HOME/running-$2" ;;
  disable) rm -f "$HOME/running-$3" ;;
  show)
    if test -e "$HOME/running-$2"; then printf 'ActiveState=active\\nMainPID=4242\\nUnitFileState=enabled\\n'
    else printf 'ActiveState=inactive\\nMainPID=0\\nUnitFileState=\\n'; fi ;;
esac
`;

async function sessionOfSystemd() {
  const { home, cleanup } = await makeHome();
  onTestFinished(cleanup);
  const bin = join(home, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'systemctl'), SYSTEMCTL);
  await writeFile(join(bin, 'loginctl'), '#!/bin/sh\necho no\n');
  for (const name of ['systemctl', 'loginctl']) await chmod(join(bin, name), 0o755);
  const env = { PATH: `${bin}:${process.env['PATH']}`, HOME: home };
  const service = async (root: string, ...args: string[]) => {
    await mkdir(root, { recursive: true, mode: 0o700 });
    const result = await runDf(['service', ...args, '--json'], { home: root, env });
    return { code: result.code, stderr: result.stderr, said: JSON.parse(result.stdout || result.stderr) };
  };
  return { user: home, service };
}

test('a service installed twice is one service, a changed one is started anew, and an uninstalled one is gone', async () => {
  const { user, service } = await sessionOfSystemd();
  const root = join(user, 'factory');
  const asked = async () => (await readFile(join(user, 'asked'), 'utf8')).match(/ restart /g)?.length;
  expect(await service(root, 'status')).toMatchObject({ code: 1, said: { installed: false } });
  const { said, stderr } = await service(root, 'install', '--workers', '2');
  expect(stderr).toBe('');
  expect(said).toMatchObject({ changed: true, running: true, outliveLogout: 'loginctl enable-linger' });
  expect(await readFile(said.file, 'utf8')).toMatch(/^ExecStart=".*node" ".*df\.js" "up" "--workers" "2"$/m);
  expect(await service(root, 'install', '--workers', '2')).toMatchObject({ said: { changed: false } });
  expect(await asked()).toBe(1);
  expect(await service(root, 'install', '--workers', '3')).toMatchObject({ said: { changed: true } });
  expect(await asked()).toBe(2);
  expect(await service(root, 'status')).toMatchObject({ code: 0, said: { running: true, pid: 4242 } });
  expect((await service(root, 'uninstall')).said.removed).toHaveLength(1);
  expect(await service(root, 'status')).toMatchObject({ code: 1, said: { installed: false } });
});

test('the service of a home that moved is named, and removed with the next one', async () => {
  const { user, service } = await sessionOfSystemd();
  const [before, after] = [join(user, 'before'), join(user, 'after')];
  await service(before, 'install');
  await rename(before, after);
  expect((await service(after, 'status')).said).toMatchObject({
    installed: false,
    homeGone: [{ home: before }],
  });
  await service(after, 'install');
  expect((await service(after, 'uninstall')).said.removed).toHaveLength(2);
});

test('where no systemd of the user answers, nothing is written and another way is named', async () => {
  const { user, service } = await sessionOfSystemd();
  await writeFile(join(user, 'no-bus'), '');
  const { code, said } = await service(join(user, 'factory'), 'install');
  expect(code).toBe(4);
  expect(said.error).toMatchObject({
    code: 'service_manager',
    hint: expect.stringContaining('df up --detach'),
  });
  expect((await service(join(user, 'factory'), 'status')).said).toMatchObject({ installed: false });
});
