import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdirSync, openSync, readSync, renameSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eachIsolation } from './each-sandbox.ts';
import { makeStage, type Stage } from './stage.ts';

eachIsolation((mode) => {
  let stage: Stage;
  let extra: string;

  beforeAll(async () => {
    extra = await realpath(await mkdtemp(join(tmpdir(), 'df-extra-')));
    const sandbox = { mode, readOnlyPaths: [join(extra, 'tools')] };
    for (const name of ['tools', 'lent']) mkdirSync(join(extra, name));
    stage = await makeStage({ sandbox, userHome: '/home/owner-of-tests' });
  });
  afterAll(async () => {
    await stage.cleanup();
    await rm(extra, { recursive: true, force: true });
  });

  it('A50 redis-from-sandbox: neither a TCP port nor a Unix socket of the host can be reached', async () => {
    const tcp = await listening({ port: 0, host: '127.0.0.1' });
    const inHome = join(stage.home, 'redis.sock');
    const inGitDir = join(stage.gitDir, 'fsmonitor--daemon.ipc');
    const sockets = [await listening({ path: inHome }), await listening({ path: inGitDir })];
    const abstract = await listening({ path: `\0df-test-${process.pid}` });
    try {
      const address = tcp.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      const connect = (to: string) =>
        `node -e 'require("net").connect(${to},()=>{console.log("connected");process.exit()}).on("error",(e)=>{console.log(e.code);process.exit()})'`;
      const result = await stage.run(
        [
          connect(`{host:"127.0.0.1",port:${port}}`),
          connect(`{host:"::1",port:${port}}`),
          connect(`"${inHome}"`),
          connect(`"${inGitDir}"`),
          connect(`"\\0df-test-${process.pid}"`),
          `redis-cli -h 127.0.0.1 -p ${port} ping`,
        ].join('; '),
      );
      expect(result.output).not.toMatch(/connected|PONG/);
      expect(
        result.output.match(/ECONNREFUSED|ENOENT|EACCES|ENETUNREACH|EADDRNOTAVAIL|ENOTSOCK/g)?.length,
      ).toBe(5);
    } finally {
      for (const server of [tcp, abstract, ...sockets]) server.close();
    }
  });

  it('A81 socket-at-depth: no Unix socket or named pipe answers, however deep below a read-only place it lies', async () => {
    mkdirSync(join(stage.worktree, 'lent'));
    const sources = [
      join(stage.gitDir, 'annex', 'ssh', 'sock'),
      join(stage.gitDir, 'modules', 'a', 'modules', 'b', 'daemon'),
      join(stage.gitDir, 'objects', 'info', 's'),
      join(extra, 'tools', 'deep', 'down', 'agent.sock'),
      join(extra, 'lent', 'node_modules', 'x', '.cache', 's'),
    ];
    const servers: Server[] = [];
    for (const [index, path] of sources.entries()) {
      mkdirSync(dirname(path), { recursive: true });
      // As ssh does for its control sockets: bound under another name, so that no list of the kernel's knows this one.
      const bound = index === 1 ? path : `${path}.bound`;
      servers.push(await listening({ path: bound }));
      if (bound !== path) renameSync(bound, path);
    }
    const pipes = [join(stage.gitDir, 'annex', 'fifo'), join(extra, 'tools', 'deep', 'fifo')];
    const ends = pipes.map((path) => {
      execFileSync('mkfifo', [path]);
      return openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    });
    try {
      const inside = sources.map((path) => path.replace(join(extra, 'lent'), join(stage.worktree, 'lent')));
      const connects = inside.map(
        (path) =>
          `node -e 'require("net").connect("${path}",()=>{console.log("connected");process.exit()}).on("error",(e)=>{console.log(e.code);process.exit()})'`,
      );
      const writes = pipes.map((path) => `(echo leaked > '${path}') 2>/dev/null`);
      const lent = [{ source: join(extra, 'lent'), path: 'lent' }];
      const result = await stage.run([...connects, ...writes, 'git log --oneline'].join('; '), {
        readOnlyMounts: lent,
      });
      expect(result.output).not.toMatch(/connected/);
      expect(result.output.match(/ECONNREFUSED|EACCES|ENOTSOCK/g)).toHaveLength(sources.length);
      expect(result.exitCode).toBe(0);
      // The same below a layer that can be written.
      if (await stage.sandbox.layers(extra)) {
        const layered = await stage.run([...connects, 'echo x > lent/new; cat lent/new'].join('; '), {
          readOnlyMounts: [{ source: join(extra, 'lent'), path: 'lent', layer: join(extra, 'layer') }],
        });
        expect(layered.output).toMatch(/x\n$/);
        expect(layered.output).not.toMatch(/connected/);
        expect(layered.output.match(/ECONNREFUSED|EACCES|ENOTSOCK/g)).toHaveLength(sources.length);
      }
      for (const end of ends) expect(() => readSync(end, Buffer.alloc(10))).toThrow(/EAGAIN/);
    } finally {
      for (const server of servers) server.close();
      ends.forEach(closeSync);
    }
  });

  it('A51 metadata: link-local, private and IPv6 addresses are unreachable, names do not resolve', async () => {
    const result = await stage.run(
      'for a in http://169.254.169.254/ http://10.0.0.1/ "http://[fe80::1]/" http://example.com/; do curl -sS -m 5 "$a"; echo "code $?"; done; ip -o link 2>/dev/null; tail -n +3 /proc/net/dev',
    );
    expect(result.output.match(/code (?:6|7|28)\b/g)?.length).toBe(4);
    expect(result.output).not.toMatch(/eth0|ens|wlan/);
  });
});

async function listening(at: { port: number; host: string } | { path: string }): Promise<Server> {
  const server = createServer((socket) => socket.on('error', () => undefined).end('PONG'));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at, resolve);
  });
  return server;
}
