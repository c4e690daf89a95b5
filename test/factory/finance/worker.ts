/**
 * A worker process that does nothing but pay: leases the next step of its project, puts the books in order as a resume
 * does, makes one call, ends the step, and starts over until it is refused or killed. Orders come as JSON in argv.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createProcesses } from '../../../src/lib/process/process.ts';
import { type HouseOptions, openHouse, paidCall } from './house.ts';

interface Orders extends HouseOptions {
  projectId: string;
  persona: string;
  /** Stop after this many milliseconds. Missing: at the first refusal that is no wait. */
  forMs?: number;
  /** Stop after so many replies. */
  calls?: number;
}

const orders: Orders = JSON.parse(process.argv[2] ?? '{}');
const house = await openHouse(orders);
const { finance, state } = house;
const { projectId, persona } = orders;
const journal = state.journal(projectId, persona);
const holder = await createProcesses().self();
const end = Date.now() + (orders.forMs ?? 600_000);
process.stdout.write('ready\n');

const last = orders.calls ?? Number.POSITIVE_INFINITY;
for (let step = (await lastStep()) + 1; Date.now() < end && step <= last; step += 1) {
  const writer = await journal.lease(step, holder);
  if (writer === null) throw new Error(`step ${step} is taken`);
  if (!(await putInOrder())) {
    const { call } = paidCall(projectId, {
      persona,
      step,
      opened: (record) => writer.append({ type: 'request', ...record }),
      failed: (record) => writer.append({ type: 'request_failed', ...record }),
      replied: (record) => writer.append({ type: 'reply', ...record }),
    });
    let outcome = await finance.complete(call);
    while (outcome.kind === 'wait' && Date.now() < end) {
      await sleep(Math.max(0, Math.min(outcome.until.getTime(), end) - Date.now()));
      if (Date.now() < end) outcome = await finance.complete(call);
    }
    if (outcome.kind !== 'reply') break;
  }
  await writer.append({ type: 'step_done', outcome: 'continue' });

  /** @returns whether this step has its reply already */
  async function putInOrder(): Promise<boolean> {
    const entries = await journal.entries();
    const ended = new Set<string>();
    for (const entry of entries) {
      if (entry.type === 'reply' || entry.type === 'request_failed') ended.add(entry.requestId);
    }
    for (const entry of entries) {
      if (entry.type === 'request' && !ended.has(entry.requestId)) {
        const { requestId, provider, model, operation, reserved } = entry;
        await finance.bookLost(projectId, {
          requestId,
          provider,
          model,
          operation,
          reserved,
          persona,
          step: entry.step,
        });
        await writer?.append({ type: 'request_failed', requestId, kind: 'lost', detail: 'its worker died' });
      }
      if (entry.type === 'reply' && entry.step === step) {
        await finance.bookReply(projectId, {
          timestamp: new Date(entry.at),
          provider: entry.provider,
          model: entry.model,
          tokensUsed: entry.usage.input + entry.usage.output,
          cost: entry.cost,
          operation: 'chat',
          requestId: entry.requestId,
          usage: entry.usage,
          possible: false,
        });
      }
    }
    return entries.some((entry) => entry.type === 'reply' && entry.step === step);
  }
}
await house.close();

async function lastStep(): Promise<number> {
  const done = (await journal.entries()).filter((entry) => entry.type === 'step_done');
  return Math.max(0, ...done.map((entry) => entry.step));
}
