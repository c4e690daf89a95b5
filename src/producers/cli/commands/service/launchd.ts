import { join } from 'node:path';
import { DarkFactoryError } from '../../../../lib/failure.ts';
import type { Ask, ServiceManager, ServicePlan, ServiceState } from './service-manager.ts';

/** Exit codes of `df up` are no reason for launchd to wait; it starts a job again at most once in so many seconds. */
const THROTTLE_SECONDS = 10;

/** Agents of one user. Forms as in launchd.plist(5) and launchctl(1). @param userId of the user whose session it is */
export function createLaunchd(ask: Ask, userFolder: string, userId: number): ServiceManager {
  const folder = join(userFolder, 'Library', 'LaunchAgents');
  const fileName = (name: string) => `dev.${name}.plist`;
  const domain = `gui/${userId}`;
  const target = (name: string) => `${domain}/dev.${name}`;

  async function must(...args: string[]): Promise<void> {
    const { ok, problem } = await ask('launchctl', args);
    if (ok) return;
    throw new DarkFactoryError(
      'environment',
      'service_manager',
      `launchd does not do "launchctl ${args.join(' ')}": ${problem}`,
      'Log in at the screen of this Mac as this user, or use: df up --detach',
    );
  }

  return {
    label: 'launchd',
    folder,
    fileName,
    nameOf: (file) => /^dev\.(dark-factory(?:-[0-9a-f]{8})?)\.plist$/.exec(file)?.[1] ?? null,
    text: plistText,
    homeIn: (text) => {
      const value = /<key>DF_HOME<\/key>\s*<string>([^<]*)<\/string>/.exec(text)?.[1];
      return value === undefined ? null : unescaped(value);
    },
    async check() {
      await must('print', domain);
    },
    async start(name) {
      // What is loaded already is not read again.
      await ask('launchctl', ['bootout', target(name)]);
      await must('bootstrap', domain, join(folder, fileName(name)));
    },
    async stop(name) {
      const { running, enabled } = await stateOf(name);
      if (running || enabled) await must('bootout', target(name));
    },
    async forget() {},
    state: stateOf,
    async toOutliveLogout() {
      return null;
    },
  };

  async function stateOf(name: string): Promise<ServiceState> {
    const { ok, stdout } = await ask('launchctl', ['print', target(name)]);
    const pid = Number(/^\s*pid = (\d+)$/m.exec(stdout)?.[1] ?? 0);
    return { enabled: ok, running: ok && pid > 0, pid: pid > 0 ? pid : null };
  }
}

function plistText({ name, command, env, home, stopWithinMs, log }: ServicePlan): string {
  const variables = Object.entries({ ...env, DF_HOME: home });
  const entries: [key: string, value: string][] = [
    ['Label', string(`dev.${name}`)],
    ['ProgramArguments', block('array', command.map(string))],
    ['EnvironmentVariables', dict(variables.map(([key, value]) => [key, string(value)]))],
    ['WorkingDirectory', string(home)],
    ['RunAtLoad', '<true/>'],
    ['KeepAlive', dict([['SuccessfulExit', '<false/>']])],
    ['ThrottleInterval', integer(THROTTLE_SECONDS)],
    ['ExitTimeOut', integer(Math.ceil(stopWithinMs / 1_000))],
    // Work at night is what it is for: no saving of energy.
    ['ProcessType', string('Standard')],
    ['StandardOutPath', string(log)],
    ['StandardErrorPath', string(log)],
  ];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<plist version="1.0">',
    dict(entries),
    '</plist>',
    '',
  ].join('\n');
}

const string = (text: string): string => `<string>${escaped(text)}</string>`;
const integer = (count: number): string => `<integer>${count}</integer>`;
const block = (tag: string, lines: readonly string[]): string =>
  `<${tag}>\n${lines.map((line) => line.replace(/^(?=.)/gm, '  ')).join('\n')}\n</${tag}>`;
const dict = (entries: readonly (readonly [key: string, value: string])[]): string =>
  block(
    'dict',
    entries.flatMap(([key, value]) => [`<key>${escaped(key)}</key>`, value]),
  );

const ENTITIES: readonly (readonly [character: string, entity: string])[] = [
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
];
const escaped = (text: string): string =>
  ENTITIES.reduce((done, [character, entity]) => done.replaceAll(character, entity), text);
const unescaped = (text: string): string =>
  ENTITIES.reduceRight((done, [character, entity]) => done.replaceAll(entity, character), text);
