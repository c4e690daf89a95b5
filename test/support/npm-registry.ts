import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';

export interface NpmRegistry {
  url: string;
  /** Publishes a package whose `index.js` exports its version. */
  publish(name: string, version: string): void;
}

/** An npm registry on the loopback, closed when the running test ends. */
export async function npmRegistry(): Promise<NpmRegistry> {
  const packages = new Map<string, Map<string, Buffer>>();
  const server = createServer((request, response) => {
    const [name = '', version] = decodeURIComponent(request.url ?? '')
      .slice(1)
      .split('/-/');
    const versions = packages.get(name);
    if (versions === undefined) return response.writeHead(404).end('{}');
    const tarball = version === undefined ? undefined : versions.get(version.replace(/\.tgz$/, ''));
    if (tarball !== undefined) return response.end(tarball);
    const described = [...versions].map(([each, packed]) => [each, describe(url(), name, each, packed)]);
    const latest = [...versions.keys()].at(-1);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ name, 'dist-tags': { latest }, versions: Object.fromEntries(described) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url(),
    publish(name, version) {
      const versions = packages.get(name) ?? new Map<string, Buffer>();
      packages.set(name, versions.set(version, packed(name, version)));
    },
  };
}

function describe(url: string, name: string, version: string, tarball: Buffer) {
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
  return { name, version, dist: { tarball: `${url}/${name}/-/${version}.tgz`, integrity } };
}

function packed(name: string, version: string): Buffer {
  const files = [
    ['package/package.json', JSON.stringify({ name, version, main: 'index.js' })],
    ['package/index.js', `module.exports = '${version}';\n`],
  ] as const;
  const blocks = files.map(([path, text]) => {
    const content = Buffer.alloc(Math.ceil(text.length / 512) * 512);
    content.write(text);
    return Buffer.concat([header(path, text.length), content]);
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

/** One entry of a tar file, as POSIX writes it. */
function header(path: string, size: number): Buffer {
  const block = Buffer.alloc(512);
  block.write(path, 0);
  block.write('0000644\0', 100);
  block.write('0000000\0', 108);
  block.write('0000000\0', 116);
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  block.write('00000000000\0', 136);
  block.write('        ', 148);
  block.write('0', 156);
  block.write('ustar\x0000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
