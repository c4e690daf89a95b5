import type { MeterTotals } from '../ports.ts';
import type { FinanceDeps } from './desk.ts';
import type { FinanceState, ProviderSwitch, SwitchReason } from './finance.ts';

/** Switches kept in finance.yaml; the audit log has all of them. */
const KEPT_SWITCHES = 1_000;
/** Milliseconds for which totals are collected before they are written. */
const DELAY_MS = 1_000;

type StateDeps = Pick<FinanceDeps, 'state' | 'now' | 'record' | 'onProblem'>;

export interface FinanceStates {
  /** Remembers a project's totals, to be written within a second: the ledger is the truth, this is its shadow. */
  spent(projectId: string, totals: MeterTotals): void;
  /** The project works with this provider from now on. Written at once, nothing when it does already. */
  using(projectId: string, providerId: string, reason: SwitchReason): Promise<void>;
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
        await deps.state
          .finance(projectId)
          .update((current) => (current.totalSpent === totalSpent ? current : { ...current, totalSpent }));
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
    async using(projectId, providerId, reason) {
      let change: ProviderSwitch | undefined;
      await deps.state.finance(projectId).update((current) => {
        change = undefined;
        if (current.currentProviderId === providerId) return current;
        if (current.currentProviderId !== undefined) {
          change = {
            timestamp: deps.now(),
            fromProvider: current.currentProviderId,
            toProvider: providerId,
            reason,
          };
        }
        return withProvider(current, providerId, change);
      });
      if (change === undefined) return;
      await deps.record({
        projectId,
        type: 'provider.switched',
        level: 'warn',
        message: `Switched from provider ${change.fromProvider} to ${providerId}: ${reason.replaceAll('_', ' ')}.`,
        data: { from: change.fromProvider, to: providerId, reason },
      });
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

function withProvider(state: FinanceState, currentProviderId: string, change?: ProviderSwitch): FinanceState {
  const switches = change === undefined ? state.providerSwitches : [...state.providerSwitches, change];
  return {
    ...state,
    currentProviderId,
    pollingMode: false,
    providerSwitches: switches.slice(-KEPT_SWITCHES),
  };
}
