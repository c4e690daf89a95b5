/**
 * A worker process of the meter's tests. Reads its orders as JSON from argv, prints one JSON line per event:
 * `race`: reserves $0.10 against $1.00 until refused; `rate`: asks for grants for a while and prints the meter's time of each;
 * `hold`: reserves once and waits to be killed; `rebuild`: asks once, with a ledger source that says when it is read.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../../src/queues/redis/redis.ts';
import { meterOn, PREFIX, provider, request } from './meter-fixtures.ts';

interface Orders {
  socket: string;
  mode: 'race' | 'rate' | 'hold' | 'rebuild';
  minute?: number;
  rpm?: number;
  forMs?: number;
}

const orders: Orders = JSON.parse(process.argv[2] ?? '{}');
const say = (event: Record<string, unknown>) => process.stdout.write(`${JSON.stringify(event)}\n`);
const redis = await connect({ socket: orders.socket }, 'worker');
const meter = meterOn(redis, {
  ...(orders.minute === undefined ? {} : { windows: { minute: orders.minute, hour: 3.6e6, day: 8.64e7 } }),
  facts: async (visit) => {
    say({ rebuilding: true });
    await sleep(200);
    visit.spent({
      requestId: 'old',
      providerId: 'a',
      projectId: 'p',
      usd: 0.4,
      tokens: 1,
      possible: false,
      at: new Date(),
    });
  },
});

if (orders.mode === 'race' || orders.mode === 'rebuild') {
  const account = provider({ creditsAvailable: 1 });
  for (;;) {
    const id = randomUUID();
    const answer = await meter.reserve(
      request({ reservationId: id, provider: account, projectId: `${process.pid}` }),
    );
    if (!answer.granted) break;
    say({ granted: id });
    if (orders.mode === 'race') await meter.settle(id, { usd: 0.1, tokens: 10 });
  }
}
if (orders.mode === 'rate') {
  const limited = provider({ rateLimit: { requestsPerMinute: orders.rpm } });
  const end = Date.now() + (orders.forMs ?? 5_000);
  while (Date.now() < end) {
    const asked = request({ provider: limited, projectId: `${process.pid}` });
    const answer = await meter.reserve(asked);
    if (answer.granted) {
      // The moment at which the meter itself granted it: this process may have been kept waiting since.
      const at = await redis.zscore(`${PREFIX}:meter:q:a`, asked.reservationId);
      if (at !== null) say({ at: Number(at) });
    } else if ('retryAt' in answer && answer.retryAt) {
      await sleep(Math.min(answer.retryAt.getTime(), end) - Date.now());
    }
  }
}
if (orders.mode === 'hold') {
  say({ reserved: await meter.reserve(request({ reservationId: 'held', ttlMs: 300 })) });
  await sleep(60_000);
}
redis.disconnect();
