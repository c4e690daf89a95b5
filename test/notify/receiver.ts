import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: Record<string, unknown>;
}

/** What the receiver does with the next request: a status, or silence. */
export type Mood = number | 'silent' | { status: number; headers: Record<string, string> };

/** A receiver on loopback that keeps what it got; gone when the test ends. */
export async function startReceiver(mood: (count: number) => Mood = () => 200) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}') as Record<string, unknown>;
      received.push({ path: request.url ?? '', headers: request.headers, body });
      const now = mood(received.length);
      if (now === 'silent') return;
      const { status, headers } = typeof now === 'number' ? { status: now, headers: {} } : now;
      response.writeHead(status, headers).end('whatever');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  onTestFinished(close);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received, close };
}
