import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeStage, type Stage } from './stage.ts';

describe.each(['bubblewrap', 'unshare'] as const)('%s', (mode) => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await makeStage({ sandbox: { mode }, userHome: '/home/owner-of-tests' });
  });
  afterAll(() => stage.cleanup());

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

  it('A51 metadata: link-local, private and IPv6 addresses are unreachable, names do not resolve', async () => {
    const result = await stage.run(
      'for a in http://169.254.169.254/ http://10.0.0.1/ "http://[fe80::1]/" http://example.com/; do curl -sS -m 5 "$a"; echo "code $?"; done; ip -o link 2>/dev/null; tail -n +3 /proc/net/dev',
    );
    expect(result.output.match(/code (?:6|7|28)\b/g)?.length).toBe(4);
    expect(result.output).not.toMatch(/eth0|ens|wlan/);
  });
});

async function listening(at: { port: number; host: string } | { path: string }): Promise<Server> {
  const server = createServer((socket) => socket.end('PONG'));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at, resolve);
  });
  return server;
}
