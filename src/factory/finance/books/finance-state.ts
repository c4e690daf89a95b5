import type { FinanceState, ProviderSwitch, Setback, SwitchReason } from '../../model/money/finance.ts';
import type { Tier } from '../../model/money/tier.ts';
import type { MeterTotals } from '../../ports.ts';
import { type FinanceDeps, ledgerOf } from '../deps.ts';
import type { Met } from '../health/setbacks.ts';
import { ledgerMark } from './ledger-check.ts';

/** Switches kept in finance.yaml; the audit log has all of them. */
const KEPT_SWITCHES = 1_000;
/** Milliseconds for which totals are collected before they are written. */
const DELAY_MS = 1_000;

type StateDeps = Pick<FinanceDeps, 'state' | 'factoryCosts' | 'now' | 'record' | 'onProblem'>;

export interface FinanceStates {
  /** Remembers a project's totals, to be written within a second: the ledger is the truth, this is its shadow. */
  spent(projectId: string, totals: MeterTotals): void;
  /**
   * The project works with this provider, and its tier, from now on. Written at once, nothing when it does already.
   *
   * @param ordered its owner moved it there, and not what providers did
   */
  using(
    projectId: string,
    providerId: string,
    why: SwitchReason | 'preferred',
    tier: Tier | undefined,
    ordered?: boolean,
  ): Promise<void>;
  /**
   * Changes what is known of providers that fail at the project's calls. Nothing is written where nothing changes.
   *
   * @param met failures of a call that are counted with it
   */
  setbacks(
    projectId: string,
    change: (setbacks: readonly Setback[]) => readonly Setback[],
    met?: readonly Met[],
  ): Promise<readonly Setback[]>;
  polling(projectId: string, on: boolean): Promise<void>;
  /** Writes what is still to be written. */
  flush(): Promise<void>;
}

/**
 * Keeps finance.yaml of the projects. Totals are absolute sums from the meter, not increments: a write that is lost with
 * its worker is made good by the next one.
 */
export function createFinanceStates(deps: StateDeps): FinanceStates {
  const unwritten = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    const totals = [...unwritten];
    unwritten.clear();
    for (const [projectId, totalSpent] of totals) {
      try {
        const ledger = ledgerMark(await ledgerOf(deps, projectId).readAll());
        await deps.state.finance(projectId).update((current) => {
          const grown = ledger.rows > current.ledger.rows;
          if (current.totalSpent === totalSpent && !grown) return current;
          return { ...current, totalSpent, ...(grown ? { ledger } : {}) };
        });
      } catch (error) {
        // The money is in the ledger; the next booking writes the sum again.
        deps.onProblem(error);
      }
    }
  }

  function schedule(): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      writing = writing.then(write);
    }, DELAY_MS).unref();
  }

  return {
    spent(projectId, totals) {
      unwritten.set(projectId, Math.max(0, totals.projectSpent - totals.projectPossible));
      schedule();
    },
    async using(projectId, providerId, why, tier, ordered = false) {
      // The specification has no word for going back to the one that comes first in the owner's order.
      const reason = why === 'preferred' ? 'manual' : why;
      let change: ProviderSwitch | undefined;
      await deps.state.finance(projectId).update((current) => {
        change = undefined;
        const same = current.currentProviderId === providerId;
        if (same && current.currentTier === tier) return current;
        if (!same && current.currentProviderId !== undefined) {
          change = {
            timestamp: deps.now(),
            fromProvider: current.currentProviderId,
            toProvider: providerId,
            reason,
          };
        }
        const { orderedAt: before, ...rest } = current;
        const orderedAt = ordered ? deps.now() : same ? before : undefined;
        const placed = withProvider(rest, providerId, tier, change);
        return orderedAt === undefined ? placed : { ...placed, orderedAt };
      });
      if (change === undefined) return;
      await deps.record({
        projectId,
        type: 'provider.switched',
        level: 'warn',
        message:
          why === 'preferred'
            ? `Switched back from provider ${change.fromProvider} to ${providerId}, which is preferred and answers again.`
            : `Switched from provider ${change.fromProvider} to ${providerId}: ${reason.replaceAll('_', ' ')}.`,
        data: { from: change.fromProvider, to: providerId, reason },
      });
    },
    async setbacks(projectId, change, met = []) {
      const { setbacks } = await deps.state.finance(projectId).update((current) => {
        const next = change(current.setbacks);
        const same =
          next.length === current.setbacks.length && next.every((each, at) => each === current.setbacks[at]);
        if (same && met.length === 0) return current;
        return { ...current, setbacks: [...next], failedCalls: withFailures(current.failedCalls, met) };
      });
      return setbacks;
    },
    async polling(projectId, on) {
      await deps.state
        .finance(projectId)
        .update((current) => (current.pollingMode === on ? current : { ...current, pollingMode: on }));
    },
    async flush() {
      clearTimeout(timer);
      timer = undefined;
      writing = writing.then(write);
      await writing;
    },
  };
}

function withFailures(before: FinanceState['failedCalls'], met: readonly Met[]): FinanceState['failedCalls'] {
  const counts = { ...before };
  for (const { provider, failure, failures } of met) {
    const name = `${provider} ${failure.kind}`;
    counts[name] = (counts[name] ?? 0) + failures;
  }
  return counts;
}

function withProvider(
  { currentTier: _tier, ...state }: FinanceState,
  currentProviderId: string,
  currentTier: Tier | undefined,
  change?: ProviderSwitch,
): FinanceState {
  const switches = change === undefined ? state.providerSwitches : [...state.providerSwitches, change];
  return {
    ...state,
    currentProviderId,
    ...(currentTier === undefined ? {} : { currentTier }),
    pollingMode: false,
    providerSwitches: switches.slice(-KEPT_SWITCHES),
  };
}
