import type { FaultRule } from '../../test/support/model-server/index.ts';
import { allEnded, asInLife, openFactory, startProjects } from '../factory.ts';
import { median, ms, table } from '../measure.ts';

const PROVIDERS = 6;
/** Between one switch and the next. */
const TURNS = 4;

/** How long a project is without a model when its provider's money is used up and another one is there. */
export async function providerSwitch(): Promise<void> {
  const factory = await openFactory(PROVIDERS * TURNS);
  const { scenario } = factory;
  const { model } = scenario;
  for (let more = 1; more < PROVIDERS; more += 1) {
    await scenario.json(
      ...['provider', 'add', '--name', 'openai', '--id', `more-${more}`, '--model', 'scripted-1'],
      ...['--base-url', `${model.url}/v1`, '--api-key', `sk-more-${more}-0123456789abcdef`],
      ...['--price-in', '1', '--price-out', '2', '--credits', '100'],
    );
  }
  const empty: FaultRule[] = [];
  factory.onTurn = ({ assistantTurns, key }) => {
    if (assistantTurns % TURNS !== TURNS - 1 || empty.length >= PROVIDERS - 1) return;
    empty.push({ key, fault: { fault: 'insufficient_quota' } });
    model.setFaults(empty);
  };
  await asInLife(factory);
  await scenario.worker();
  await allEnded(factory, await startProjects(factory, 1));
  const { requests } = model;
  const keys = new Set<string>();
  const times = requests.flatMap(({ fault, key, answeredAt = 0 }, index) => {
    if (fault !== 'insufficient_quota' || keys.has(key)) return [];
    keys.add(key);
    const next = requests.slice(index).find((other) => other.key !== key);
    return next === undefined ? [] : [next.at - answeredAt];
  });
  await factory.close();
  table(`${times.length} switches to another provider when the money of one is used up`, [
    ['from the refusal to the next request', ms(median(times)), `longest ${ms(Math.max(...times))}`],
  ]);
}
