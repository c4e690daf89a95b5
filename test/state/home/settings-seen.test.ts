import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { config } from '../../../src/factory/config/config.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { createProcesses } from '../../../src/lib/process/process.ts';
import { createHome } from '../../../src/state/home/home.ts';
import { changedBetween, noteSettings } from '../../../src/state/home/settings-seen.ts';
import { openFactoryLogs } from '../../../src/state/logs/factory-logs.ts';
import { withFolder } from '../support.ts';

it.concurrent('settings and personas that were edited by hand are told once, by name and without their values', () =>
  withFolder(async (folder) => {
    const home = createHome(folder, {});
    await mkdir(home.personas, { recursive: true });
    await mkdir(home.data);
    const { events } = openFactoryLogs(home, { clock: systemClock, processes: createProcesses() });
    const start = (settings: object) =>
      noteSettings({
        ...{ home, config: config.parse(settings), events },
        record: (event) => events.append({ timestamp: new Date().toISOString(), ...event }),
      });
    const told = async () =>
      (await events.readAll()).map(({ message }) =>
        message.replace('Edited since they were last seen: ', ''),
      );
    await start({});
    await start({});
    expect(await told()).toHaveLength(1);
    await start({ redis: { url: 'redis://:a-password@host' }, logLevel: 'debug' });
    await writeFile(join(home.personas, 'writer.md'), '---\n---\n');
    await start({ redis: { url: 'redis://:a-password@host' }, logLevel: 'debug' });
    await chmod(join(home.personas, 'writer.md'), 0o600);
    await rm(join(home.personas, 'writer.md'));
    await start({});
    expect((await told()).slice(1)).toEqual([
      'logLevel, redis.',
      'personas/writer.md.',
      'logLevel, personas/writer.md, redis.',
    ]);
    expect(JSON.stringify(await events.readAll())).not.toContain('a-password');
  }));

it.concurrent('compares names that came and went', () => {
  expect(changedBetween({ a: '1', b: '2' }, { b: '3', c: '4' })).toEqual(['a', 'b', 'c']);
  expect(changedBetween(null, { a: '1' })).toEqual([]);
});
