/** Everything about money, put together: loaded when it is first asked for, since the vendors' SDKs hang on it. */

import type { Config } from '../factory/config/config.ts';
import { treeCosts } from '../factory/decisions/tree/tree-costs.ts';
import { createFinanceApi, type FinanceApi, type FinanceApiDeps } from '../factory/finance/api.ts';
import { quarterOfBytes } from '../factory/finance/calls/estimate.ts';
import type { FinanceDeps } from '../factory/finance/deps.ts';
import { ownerAct } from '../factory/lifecycle/owner-act.ts';
import type { ProjectService } from '../factory/lifecycle/project-service.ts';
import type { EmergencyStop, FinanceManager, KeyVault, Meter, StateStore } from '../factory/ports.ts';
import { sleepUnless } from '../lib/async/sleep.ts';
import type { Clock } from '../lib/clock.ts';
import { newUuid } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import type { Redis } from '../queues/redis/redis.ts';
import type { Home } from '../state/home/home.ts';
import type { FactoryLogs } from '../state/logs/factory-logs.ts';

interface MoneyServices {
  home: Home;
  config: Config;
  state: StateStore;
  vault: KeyVault;
  clock: Clock;
  log: Log;
  record: FinanceDeps['record'];
  emergencyStop: EmergencyStop;
}

/** Money, for whoever is about to call a model. */
export async function openFinance(
  services: MoneyServices,
  factoryLogs: FactoryLogs,
  redis: Redis,
  prefix: string,
): Promise<{ manager: FinanceManager; meter: Meter }> {
  const { home, config, state, clock } = services;
  const [
    { createFinanceManager },
    { createMeter },
    { createFactSource },
    { createModels, factsOf },
    { openPriceList },
    { capOf },
    { AGENT_TOOLS },
  ] = await Promise.all([
    import('../factory/finance/calls/manager.ts'),
    import('../budget-meter/meter.ts'),
    import('../budget-meter/ledger-facts.ts'),
    import('../llm/models.ts'),
    import('../llm/price-list.ts'),
    import('../factory/decisions/budget/cap.ts'),
    import('../factory/lifecycle/steps/agent-tools.ts'),
  ]);
  const facts = createFactSource({ state, factoryCosts: factoryLogs.costs });
  const deps = {
    ...services,
    factoryCosts: factoryLogs.costs,
    meter: createMeter({ redis, prefix, facts, openTtlMs: config.agent.modelTimeout }),
    models: createModels({ worktreeFolders: [home.worktrees], clock, newId: newUuid }),
    ...{ priceOf: openPriceList(home.priceListFile).priceOf, factsOf },
    onProblem: (error: unknown) => services.log.error({ err: error }, 'money: a failure in the background'),
    halted: () => services.emergencyStop.look(),
    now: () => clock.now(),
    newId: newUuid,
    chance: Math.random,
    sleep: sleepUnless,
    estimateTokens: quarterOfBytes,
    budgetOf: (id: string) => capOf(state, id, clock.now()),
    tools: AGENT_TOOLS.map(({ spec }) => spec),
  };
  return { manager: createFinanceManager(deps), meter: deps.meter };
}

/** Money, for its owner. */
export async function openFinanceApi(
  services: Pick<MoneyServices, 'home' | 'state' | 'log' | 'record'> & {
    projectService: ProjectService;
    by: string;
  } & Omit<
      FinanceApiDeps,
      'isPriced' | 'judge' | 'prepare' | 'tryNow' | 'act' | 'treeCosts' | 'waiting' | 'onProblem'
    >,
): Promise<FinanceApi> {
  const { home, state, log, projectService } = services;
  const { openPriceList } = await import('../llm/price-list.ts');
  const { priceOf } = openPriceList(home.priceListFile);
  const sample = { input: 1_000, cacheWrite: 0, cacheRead: 0, output: 1_000 };
  return createFinanceApi({
    ...services,
    isPriced: (provider) => provider.free || priceOf(provider, sample) !== null,
    async judge(provider, what) {
      const { judgeModel, judgeWays } = await import('../llm/facts/judge.ts');
      if (what === 'model') judgeModel(provider);
      else judgeWays(provider);
    },
    prepare: () => home.prepare(),
    tryNow: (...asked) => projectService.requestProbeNow(...asked),
    act: (...act) => ownerAct(services, ...act),
    treeCosts: (projectId) => treeCosts(state, projectId),
    waiting: projectService,
    onProblem: (error) => log.error({ err: error }, 'money: a failure in the background'),
  });
}
