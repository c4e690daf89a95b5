import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bubblewrap } from '../../src/sandbox/mechanisms/bubblewrap.ts';
import type { Mount } from '../../src/sandbox/mounts/mounts.ts';

const NEW = '    --overlay RWSRC WORKDIR DEST Mount overlayfs on DEST';

function launchWith(help: string, places: readonly string[], userNamespace = true) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'df-layer-')));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const layer = (target: string): Mount => ({ kind: 'layer', source: '/lent', target, folder });
  const mechanism = bubblewrap({ program: '/bwrap', help, unshare: '/unshare', userNamespace });
  const inside = { mounts: places.map(layer), cwd: '/', network: false, env: {}, argv: ['true'] };
  return { folder, ...mechanism.launch(inside) };
}

describe('a layer under bubblewrap', () => {
  it('is made by bubblewrap itself, where it knows how', () => {
    const { folder, file, args } = launchWith(NEW, ['/w/node_modules']);
    expect(file).toBe('/bwrap');
    const [upper, work] = [join(folder, 'upper'), join(folder, 'work')];
    expect(args.join(' ')).toContain(`--overlay-src /lent --overlay ${upper} ${work} /w/node_modules`);
    expect(existsSync(upper) && existsSync(work)).toBe(true);
  });

  it.each([
    ['an older one', '', ['/w/a'], true],
    ['one layer at two places, which no kernel mounts twice', NEW, ['/w/a', '/v/a'], true],
    ['no user namespace, in which devices would be nothing but files', NEW, ['/w/a'], false],
  ])('is made around it for %s', (_, help, places, userNamespace) => {
    const { folder, file, args } = launchWith(help, places, userNamespace);
    expect(file).toBe('/unshare');
    for (const place of places) expect(args.join(' ')).toContain(`--bind ${join(folder, 'top')} ${place}`);
  });
});
