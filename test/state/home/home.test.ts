import { chmod, lchown, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { config as configSchema } from '../../../src/factory/config/config.ts';
import { loadConfig, writeNewConfig } from '../../../src/state/home/config-file.ts';
import { createHome, openHome, resolveHome } from '../../../src/state/home/home.ts';
import { withFolder } from '../support.ts';

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

describe.concurrent('the home', () => {
  it('is $DF_HOME, else ~/.dark-factory', () => {
    expect(resolveHome({}, '/home/u')).toBe('/home/u/.dark-factory');
    expect(resolveHome({ DF_HOME: '' }, '/home/u')).toBe('/home/u/.dark-factory');
    expect(resolveHome({ DF_HOME: '/srv/df/' }, '/home/u')).toBe('/srv/df');
    expect(resolveHome({ DF_HOME: '~/x' }, '/home/u')).toBe('/home/u/x');
    expect(resolveHome({ DF_HOME: 'here' }, '/home/u')).toBe(join(process.cwd(), 'here'));
    expect(() => resolveHome({ DF_HOME: 'a\0b' })).toThrow(/DF_HOME/);
  });

  it('keeps its data where dataDir says', () => {
    expect(createHome('/h', {}, '/u')).toMatchObject({
      data: '/h/data',
      projects: '/h/data/projects',
      worktrees: '/h/data/worktrees',
      providersFile: '/h/providers.yaml',
    });
    expect(createHome('/h', { dataDir: '~/.dark-factory/data' }, '/u').projects).toBe(
      '/u/.dark-factory/data/projects',
    );
    expect(createHome('/h', { dataDir: '/big' }, '/u').worktrees).toBe('/big/worktrees');
    expect(createHome('/h', { dataDir: 'd' }, '/u').data).toBe('/h/d');
  });

  it('is opened without being made', () =>
    withFolder(async (folder) => {
      const { home, config, exists, warnings } = await openHome({ DF_HOME: join(folder, 'none') });
      expect(home.root).toBe(join(folder, 'none'));
      expect(config).toEqual(configSchema.parse({}));
      expect([exists, warnings]).toEqual([false, []]);
      expect(await readdir(folder)).toEqual([]);
    }));

  it('is readable by its owner alone, with all its folders', () =>
    withFolder(async (folder) => {
      const home = createHome(join(folder, 'h'), {});
      await home.prepare();
      await home.prepare();
      for (const path of [home.root, home.data, home.projects, home.worktrees, home.logs, home.run]) {
        expect(await modeOf(path)).toBe(0o700);
      }
    }));

  it('that was made beforehand with wider rights is narrowed; a folder that is no home is left as it is', () =>
    withFolder(async (folder) => {
      const [empty, other] = [join(folder, 'empty'), join(folder, 'other')];
      for (const path of [empty, other]) {
        await mkdir(path);
        await chmod(path, 0o755);
      }
      await writeFile(join(other, 'thesis.txt'), '');
      await createHome(empty, {}).prepare();
      await createHome(other, {}).prepare();
      expect(await modeOf(empty)).toBe(0o700);
      expect(await modeOf(other)).toBe(0o755);
      expect(await modeOf(join(other, 'data'))).toBe(0o700);
    }));

  it('is narrowed through links, and so are folders of its own and a data folder elsewhere', () =>
    withFolder(async (folder) => {
      const [real, data, linked, photos] = ['real', 'data', 'linked', 'photos'].map((name) =>
        join(folder, name),
      );
      if (!real || !data || !linked || !photos) throw new Error('four names');
      for (const path of [real, data, photos, join(data, 'projects'), join(real, 'logs')]) {
        await mkdir(path);
        await chmod(path, 0o777);
      }
      await writeFile(join(real, 'config.yaml'), '');
      await symlink(real, linked);
      await symlink(linked, join(folder, 'twice'));
      await createHome(join(folder, 'twice'), { dataDir: data }).prepare();
      for (const path of [real, data, join(data, 'projects'), join(real, 'logs')])
        expect([path, await modeOf(path)]).toEqual([path, 0o700]);
      // What holds something else was named by mistake.
      await writeFile(join(photos, 'a.jpg'), '');
      await symlink(photos, join(folder, 'mistaken'));
      await createHome(join(folder, 'mistaken'), {}).prepare();
      expect(await modeOf(photos)).toBe(0o777);
    }));

  it.skipIf(process.getuid?.() !== 0)('behind a link of another user is refused', () =>
    withFolder(async (folder) => {
      await mkdir(join(folder, 'real'));
      await symlink(join(folder, 'real'), join(folder, 'link'));
      await lchown(join(folder, 'link'), 4_321, 4_321);
      await expect(openHome({ DF_HOME: join(folder, 'link') })).rejects.toMatchObject({
        code: 'home_invalid',
      });
    }),
  );

  it('has one id for ever, also when several ask for it first at once', () =>
    withFolder(async (folder) => {
      const root = join(folder, 'h');
      const ids = await Promise.all(Array.from({ length: 12 }, () => createHome(root, {}).id()));
      expect(new Set(ids).size).toBe(1);
      expect(ids[0]).toMatch(/^[0-9a-f]{16}$/);
      expect(await createHome(root, {}).id()).toBe(ids[0]);
      expect(await readdir(root)).toEqual(['home.id']);
      expect(await modeOf(join(root, 'home.id'))).toBe(0o600);
      expect(await createHome(join(folder, 'other'), {}).id()).not.toBe(ids[0]);
    }));

  it('with a damaged id is an error, not a new id', () =>
    withFolder(async (folder) => {
      await writeFile(join(folder, 'home.id'), 'x\n');
      await expect(createHome(folder, {}).id()).rejects.toMatchObject({ code: 'state_unreadable' });
      expect(await readFile(join(folder, 'home.id'), 'utf8')).toBe('x\n');
    }));
});

describe.concurrent('config.yaml', () => {
  const load = (text: string) =>
    withFolder(async (folder) => {
      const file = join(folder, 'config.yaml');
      await writeFile(file, text);
      return loadConfig(file);
    });

  it('may be partial, empty, or have empty sections', async () => {
    const defaults = configSchema.parse({});
    for (const text of ['', '# nothing\n', 'redis:\n  # url: x\nlogLevel:\n', '{}']) {
      expect((await load(text)).config).toEqual(defaults);
    }
    const { config } = await load('pollingInterval: 90s\nsandbox:\n  commandTimeout: 1h\n');
    expect(config.pollingInterval).toBe(90_000);
    expect(config.sandbox).toEqual({ ...defaults.sandbox, commandTimeout: 3_600_000 });
  });

  it('names unknown keys in a warning, at every level', async () => {
    const { config, warnings } = await load('loglevel: debug\nsandbox:\n  tiemout: 1s\n  mode: off\n');
    expect(config.logLevel).toBe('info');
    expect(config.sandbox.mode).toBe('off');
    expect(warnings.map((text) => /: (\S+) is no known/.exec(text)?.[1])).toEqual([
      'loglevel',
      'sandbox.tiemout',
    ]);
  });

  it.each([
    ['auditInterval: soon', /config\.yaml: auditInterval: "soon" is no duration/],
    ['sandbox: 3', /config\.yaml: sandbox: /],
    ['gates: [', /config\.yaml: .*line \d/],
    ['- a', /config\.yaml: /],
    ['a: &x 1\nb: *x', /anchors/],
    [`a: ${'['.repeat(100_000)}`, /nested deeper/],
  ])('a mistake is a usage error that names file and key: %j', async (text, message) => {
    await expect(load(text)).rejects.toMatchObject({
      kind: 'usage',
      code: 'config_invalid',
      message: expect.stringMatching(message),
    });
  });

  it('a new one is written once, readable by its owner alone', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'h', 'config.yaml');
      expect(await writeNewConfig(file, 'logLevel: info\n')).toBe(true);
      expect(await writeNewConfig(file, 'logLevel: debug\n')).toBe(false);
      expect(await modeOf(file)).toBe(0o600);
      expect((await loadConfig(file)).config.logLevel).toBe('info');
    }));
});
