import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { removeTree } from '../../lib/remove-tree.ts';
import { makeTemporaryFolder } from '../../lib/temporary-folder.ts';
import type { Mount } from '../mounts/mounts.ts';
import type { Mechanism } from './mechanism.ts';

/*
 * A layer is a writable folder over a read-only one: what commands write lands in the layer, what lies below stays as it is.
 * The kernel's overlay file system does it, mounted where only the command sees it. A layer is a folder of the host with
 * three parts: `upper` holds what was written, `work` is the kernel's, `top` is where both are shown as one.
 */

type Layer = Extract<Mount, { kind: 'layer' }>;

const part = ({ folder }: Pick<Layer, 'folder'>, name: 'upper' | 'work' | 'top') => join(folder, name);

/** In the options of an overlay these part one path from the next. */
export function canBeLayered(...paths: readonly string[]): boolean {
  return !paths.some((path) => /[,:\\"\s]/.test(path));
}

/** One layer each, however often it is shown. */
export function layersIn(mounts: readonly Mount[]): Layer[] {
  const layers = mounts.filter((mount): mount is Layer => mount.kind === 'layer');
  return [...new Map(layers.map((layer) => [layer.folder, layer])).values()];
}

/** What layers become for whoever made those of `layerTable` before: ordinary folders. */
export function withoutLayers(mounts: readonly Mount[]): Mount[] {
  return mounts.map((mount) =>
    mount.kind === 'layer' ? { kind: 'writable', source: part(mount, 'top'), target: mount.target } : mount,
  );
}

/** Makes the layer's folders. */
export function makeLayer(layer: Layer): { upper: string; work: string; top: string } {
  const [upper, work, top] = [part(layer, 'upper'), part(layer, 'work'), part(layer, 'top')];
  for (const folder of [upper, work, top]) mkdirSync(folder, { recursive: true });
  return { upper, work, top };
}

/** @returns lines for `mount -a -T` that show each layer at its `top` */
export function layerTable(layers: readonly Layer[]): string[] {
  return layers.map((layer) => {
    const { upper, work, top } = makeLayer(layer);
    const folders = [`lowerdir=${layer.source}`, `upperdir=${upper}`, `workdir=${work}`];
    return `overlay ${top} overlay ${[...folders, 'userxattr', 'nosuid', 'nodev'].join(',')} 0 0`;
  });
}

/** The same in a file. @returns its place */
export function writeLayerTable(layers: readonly [Layer, ...Layer[]]): string {
  const table = layerTable(layers);
  const file = join(layers[0].folder, 'table');
  writeFileSync(file, `${table.join('\n')}\n`);
  return file;
}

/** Things that file systems below a layer cannot all bear: replacing a file, and a folder by an empty one. */
const TRIAL =
  'cd /tmp/layer && echo new > a && rm -r d && mkdir d && echo x > d/f && test "$(echo $(cat a d/f))" = "new x"';

/**
 * Whether this mechanism can have layers below `folder`: the kernel, its file system and the rights of the user decide, so
 * it is tried.
 */
export async function tryLayers(
  mechanism: Mechanism,
  mounts: readonly Mount[],
  folder: string,
  succeeds: (launch: ReturnType<Mechanism['launch']>) => Promise<boolean>,
): Promise<boolean> {
  if (!canBeLayered(folder)) return false;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { folder: place, close } = makeTemporaryFolder('layer', folder);
  try {
    const source = join(place, 'lower');
    await mkdir(join(source, 'd'), { recursive: true });
    await writeFile(join(source, 'a'), 'old');
    await writeFile(join(source, 'd/f'), 'old');
    const layer: Mount = { kind: 'layer', source, target: '/tmp/layer', folder: place };
    const argv = ['/bin/sh', '-c', TRIAL];
    return await succeeds(
      mechanism.launch({ mounts: [...mounts, layer], cwd: '/', network: false, env: {}, argv }),
    );
  } finally {
    await removeTree(place);
    close();
  }
}
