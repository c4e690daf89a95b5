import { request } from 'node:http';
import { afterAll } from 'vitest';
import { startWeb, type Web } from '../../../src/producers/web/web.ts';
import { openBus } from '../../../src/queues/bus.ts';
import { connect } from '../../../src/queues/redis/redis.ts';
import { startRedis } from '../../support/redis.ts';

export const TOKEN = 'a-token-of-the-test';
export const now = () => new Date();

/** Two boards of one factory, one that only shows and one that changes things; gone when the file is done. */
export async function openBoards() {
  const server = await startRedis();
  const redis = await connect({ url: server.url }, 'producer');
  const bus = openBus(redis, 'test');
  const common = { queues: bus.queues, host: '127.0.0.1', port: 0, token: TOKEN };
  const board = await startWeb({ ...common, role: 'viewer', now });
  const writable = await startWeb({ ...common, role: 'owner', now });
  afterAll(async () => {
    await board.close();
    await writable.close();
    await bus.close();
    redis.disconnect();
    await server.stop();
  });
  return { bus, board, writable };
}

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** As raw as a browser or an attacker would: `fetch` sets Host and Origin itself. */
export function askRaw(
  at: Web,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  const { port } = new URL(at.url);
  const { method = 'GET', headers = {} } = options;
  return new Promise((resolve, reject) => {
    const sent = request(
      // On a connection of its own: one that is kept would be that of a board which has ended.
      { host: '127.0.0.1', port, path, method, headers, agent: false },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => {
          body += text;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(options.body);
  });
}
