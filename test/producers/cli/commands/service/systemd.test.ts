import { expect, it } from 'vitest';
import { createSystemd } from '../../../../../src/producers/cli/commands/service/systemd.ts';

const systemd = (stdout: string) =>
  createSystemd(async () => ({ ok: true, stdout, problem: '' }), {}, '/home/ann');
const plan = {
  name: 'dark-factory',
  ...{ command: ['/usr/bin/node', 'df.js', 'up'], env: {}, home: '/srv/home' },
  ...{ stopWithinMs: 45_000, log: '/srv/log' },
};

it('A174 a service whose Redis comes later than it is started again as often as it takes, and after wrong input never', () => {
  const text = systemd('').text(plan);
  expect(text).toMatch(/^RestartPreventExitStatus=2 3$/m);
  expect(text).toMatch(/^Restart=on-failure$/m);
  expect(text).toMatch(/^StartLimitIntervalSec=0$/m);
});

it('a service runs while it has a process, not between two tries to start it', async () => {
  const shown = (pid: number) => `ActiveState=activating\nMainPID=${pid}\nUnitFileState=enabled\n`;
  expect(await systemd(shown(0)).state('a')).toEqual({ enabled: true, running: false, pid: null });
  expect(await systemd(shown(42)).state('a')).toEqual({ enabled: true, running: true, pid: 42 });
});
