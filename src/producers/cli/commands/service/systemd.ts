import { join } from 'node:path';
import { DarkFactoryError } from '../../../../lib/failure.ts';
import type { Ask, ServiceManager, ServicePlan, ServiceState } from './service-manager.ts';

/** Exit codes after which starting again would give the same: wrong input. What lacks in the environment may come: a Redis that starts later. */
const HOPELESS = '2 3';
/** As launchd has it: it is started again as often as it takes, at most once in so many seconds. */
const RESTART_SECONDS = 10;

/** The systemd of one user. Forms as in systemd.service(5) and systemd.exec(5). */
export function createSystemd(ask: Ask, env: NodeJS.ProcessEnv, userFolder: string): ServiceManager {
  const folder = join(env['XDG_CONFIG_HOME'] || join(userFolder, '.config'), 'systemd', 'user');
  const fileName = (name: string) => `${name}.service`;
  const control = (...args: string[]) => ask('systemctl', ['--user', ...args]);

  async function must(...args: string[]): Promise<string> {
    const { ok, stdout, problem } = await control(...args);
    if (ok) return stdout;
    throw new DarkFactoryError(
      'environment',
      'service_manager',
      `systemd does not do "systemctl --user ${args.join(' ')}": ${problem}`,
      'Log in as this user itself (not with su or sudo), or, on a machine without a session of systemd, use: df up --detach',
    );
  }

  return {
    label: 'systemd',
    folder,
    fileName,
    nameOf: (file) => /^(dark-factory(?:-[0-9a-f]{8})?)\.service$/.exec(file)?.[1] ?? null,
    text: unitText,
    homeIn: (text) => {
      const quoted = /^Environment="DF_HOME=((?:[^"\\]|\\.)*)"$/m.exec(text)?.[1];
      return quoted === undefined ? null : quoted.replace(/%%/g, '%').replace(/\\(.)/g, '$1');
    },
    async check() {
      await must('show-environment');
    },
    async start(name) {
      await must('daemon-reload');
      await must('enable', fileName(name));
      await must('restart', fileName(name));
    },
    async stop(name) {
      await must('disable', '--now', fileName(name));
    },
    async forget() {
      await control('daemon-reload');
    },
    async state(name): Promise<ServiceState> {
      const { stdout } = await control(
        'show',
        fileName(name),
        '--property=ActiveState,MainPID,UnitFileState',
      );
      const value = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(stdout)?.[1] ?? '';
      const pid = Number(value('MainPID'));
      return {
        enabled: value('UnitFileState') === 'enabled',
        // Between two starts it is activating without a process.
        running: pid > 0 && ['active', 'activating', 'reloading'].includes(value('ActiveState')),
        pid: pid > 0 ? pid : null,
      };
    },
    async toOutliveLogout() {
      const { ok, stdout } = await ask('loginctl', ['show-user', '--property=Linger', '--value']);
      return ok && stdout.trim() === 'yes' ? null : 'loginctl enable-linger';
    },
  };
}

function unitText({ command, env, home, stopWithinMs }: ServicePlan): string {
  const variables = Object.entries({ ...env, DF_HOME: home });
  return [
    '[Unit]',
    'Description=Dark Factory',
    'StartLimitIntervalSec=0',
    '',
    '[Service]',
    // Variables are looked for in all words but the first.
    `ExecStart=${command.map((word, at) => (at === 0 ? quoted(word) : quoted(word).replace(/\$/g, '$$$$'))).join(' ')}`,
    ...variables.map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}`),
    `WorkingDirectory=${home.replace(/%/g, '%%')}`,
    'KillMode=mixed',
    `TimeoutStopSec=${Math.ceil(stopWithinMs / 1_000)}`,
    'Restart=on-failure',
    `RestartSec=${RESTART_SECONDS}`,
    `RestartPreventExitStatus=${HOPELESS}`,
    '',
    '[Install]',
    'WantedBy=default.target',
    '',
  ].join('\n');
}

/** A word in a unit file: in quotes, and nothing in it is a specifier. */
function quoted(word: string): string {
  return `"${word.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n').replace(/%/g, '%%')}"`;
}
