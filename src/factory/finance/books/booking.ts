import { type CostEntry, type ProviderConfig, tokensOf, type Usage } from '../../model/money/finance.ts';
import type { Tier } from '../../model/money/tier.ts';
import type { FinanceManager, MeterTotals, PaidCall, Settlement } from '../../ports.ts';
import { FACTORY, type FinanceDeps, ledgerOf } from '../deps.ts';
import { countedEntries } from './costs.ts';
import type { FinanceStates } from './finance-state.ts';
import { createWarnings } from './warnings.ts';

/** A request as it is booked. */
export interface Booked {
  requestId: string;
  provider: ProviderConfig;
  call: Pick<PaidCall, 'projectId' | 'operation' | 'persona' | 'step' | 'taskId'>;
  /** Of the provider. */
  tier: Tier | undefined;
  sentAt: Date;
}

export interface Booking {
  /** A ledger row for a request that was just billed, then its settlement. */
  billed(
    booked: Booked,
    usage: Usage,
    cost: number,
    budget: number | undefined,
    healthy?: Settlement['healthy'],
  ): Promise<void>;
  /** A row for a request that was perhaps billed, at its worst case. */
  perhaps(booked: Booked, reserved: number, budget: number | undefined): Promise<void>;
  lost: FinanceManager['bookLost'];
  reply: FinanceManager['bookReply'];
}

type BookingDeps = Pick<
  FinanceDeps,
  'state' | 'factoryCosts' | 'meter' | 'record' | 'config' | 'now' | 'onProblem'
>;

/**
 * Ledger first, meter second: a row that is on disk is money spent, whatever happens to Redis. A crash between the two
 * leaves a reservation that expires as spent, and the booking that follows from the journal puts it right.
 */
export function createBooking(deps: BookingDeps, states: FinanceStates): Booking {
  const warn = createWarnings(deps);

  async function settle(
    projectId: string,
    entry: CostEntry,
    isNew: boolean,
    budget?: number,
    healthy?: Settlement['healthy'],
  ): Promise<void> {
    const settlement: Settlement = {
      usd: entry.cost,
      tokens: entry.tokensUsed,
      ...{ possible: entry.possible, projectId },
      ...(healthy === undefined ? {} : { healthy }),
      ...(isNew ? { account: { providerId: entry.provider, projectId } } : {}),
    };
    const totals = await deps.meter.settle(entry.requestId, settlement);
    if (projectId === FACTORY) return;
    states.spent(projectId, totals);
    await warned(projectId, totals, budget);
  }

  async function warned(projectId: string, totals: MeterTotals, budget?: number): Promise<void> {
    try {
      await warn(projectId, totals, budget);
    } catch (error) {
      // A warning that cannot be written must not undo a reply that was paid for.
      deps.onProblem(error);
    }
  }

  /** Books a row that may stand in the ledger already. */
  async function bookOnce(projectId: string, entry: CostEntry): Promise<void> {
    const ledger = ledgerOf(deps, projectId);
    const known = countedEntries(await ledger.readAll()).find((row) => row.requestId === entry.requestId);
    const better = known?.possible === true && !entry.possible;
    if (known === undefined || better) await ledger.append(entry);
    await settle(projectId, known === undefined || better ? entry : known, known === undefined);
  }

  function row({
    requestId,
    provider,
    call,
    tier,
  }: Booked): Omit<CostEntry, 'tokensUsed' | 'cost' | 'possible'> {
    const { operation, persona, step, taskId } = call;
    return {
      timestamp: deps.now(),
      provider: provider.id,
      model: provider.model,
      operation,
      requestId,
      ...(persona === undefined ? {} : { persona }),
      ...(step === undefined ? {} : { step }),
      ...(taskId === undefined ? {} : { taskId }),
      ...(tier === undefined ? {} : { tier }),
    };
  }

  return {
    async billed(booked, usage, cost, budget, healthy) {
      const responseMs = Math.max(0, deps.now().getTime() - booked.sentAt.getTime());
      const entry = { ...row(booked), tokensUsed: tokensOf(usage), cost, usage, possible: false, responseMs };
      await ledgerOf(deps, booked.call.projectId).append(entry);
      await settle(booked.call.projectId, entry, true, budget, healthy);
    },
    async perhaps(booked, reserved, budget) {
      const entry = { ...row(booked), tokensUsed: 0, cost: reserved, possible: true };
      await ledgerOf(deps, booked.call.projectId).append(entry);
      await settle(booked.call.projectId, entry, true, budget);
    },
    async lost(projectId, lost) {
      const { reserved, ...rest } = lost;
      await bookOnce(projectId, {
        ...rest,
        timestamp: deps.now(),
        tokensUsed: 0,
        cost: reserved,
        possible: true,
      });
    },
    reply: bookOnce,
  };
}
