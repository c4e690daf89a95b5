import type { ProviderDocument } from '../../producers/documents/providers.ts';
import { useMay } from '../data/me.ts';
import { useDocument } from '../data/use.ts';
import type { Wire } from '../data/wire.ts';
import { Order } from '../parts/order.tsx';
import { Problem } from '../parts/problem.tsx';
import { useEvery } from '../parts/use-every.ts';
import { duration, usd } from '../parts/words.ts';
import { Switches } from './switches.tsx';

type Shown = Wire<ProviderDocument>;
interface Spending {
  /** USD of the last hour, by provider; what may have been billed without a reply is among it. */
  lastHour: Record<string, number>;
}

/** Ledgers are read for it. Milliseconds. */
const LOOK_MS = 30_000;

/** Who answers the agents, for how long the money lasts, and what is wrong with whom. */
export function Providers() {
  const providers = useDocument<Shown[]>('/providers', ({ type }) => type.startsWith('provider.'));
  const spending = useDocument<Spending>('/providers/spending', () => false);
  useEvery(LOOK_MS, providers.reload);
  useEvery(LOOK_MS, spending.reload);
  return (
    <>
      <h1>Providers</h1>
      <Problem error={providers.error ?? spending.error} />
      {providers.data?.length === 0 ? (
        <p class="empty">There is no provider yet: add one with df provider add, or df setup.</p>
      ) : null}
      <ul class="cards">
        {(providers.data ?? []).map((each) => (
          <Provider
            key={each.id}
            provider={each}
            perHour={spending.data === undefined ? undefined : (spending.data.lastHour[each.id] ?? 0)}
            onOrder={providers.reload}
          />
        ))}
      </ul>
      <Switches />
    </>
  );
}

const TONES: Readonly<Record<Shown['state'], string>> = {
  ready: 'good',
  on_trial: 'wait',
  failing: 'bad',
  credits: 'bad',
  key: 'bad',
  price: 'bad',
  off: 'wait',
};
const WORDS: Readonly<Record<Shown['state'], string>> = {
  ready: 'ready',
  on_trial: 'on trial',
  failing: 'failing',
  credits: 'out of credits',
  key: 'key missing',
  price: 'price unknown',
  off: 'switched off',
};

function Provider({
  provider,
  perHour,
  onOrder,
}: {
  provider: Shown;
  perHour: number | undefined;
  onOrder(): void;
}) {
  const { id, model, state, stateReason, stateUntil, lastSuccessAt, keyInClear, probes, enabled } = provider;
  return (
    <li>
      <b>{id}</b> <span class={`status ${TONES[state]}`}>{WORDS[state]}</span>
      <p class="facts">
        {provider.name} · {model}
        {provider.tiers === undefined ? '' : ` · ${provider.tiers.join(', ')}`} · asked as number{' '}
        {provider.priority}
      </p>
      {stateReason === undefined ? null : (
        <p class="why">
          {stateReason}
          {stateUntil === undefined ? '' : `, until ${new Date(stateUntil).toLocaleString()}`}
        </p>
      )}
      <dl class="facts-list">
        <Fact name="Credits left" value={creditsOf(provider)} />
        <Fact name="Spent in the last hour, at most" value={perHour === undefined ? '…' : usd(perHour)} />
        <Fact name="Lasts for" value={lastsFor(provider, perHour)} />
        <Fact
          name="Last answer"
          value={lastSuccessAt === undefined ? 'none yet' : new Date(lastSuccessAt).toLocaleString()}
        />
        <Fact name="Probes" value={`${probes.requests}, ${usd(probes.cost)}`} />
      </dl>
      {keyInClear ? <p class="problem">Its key crosses a network unencrypted.</p> : null}
      <Switch id={id} enabled={enabled} onOrder={onOrder} />
    </li>
  );
}

function Switch({ id, enabled, onOrder }: { id: string; enabled: boolean; onOrder(): void }) {
  if (!useMay('owner')) return null;
  return (
    <p class="orders">
      {enabled ? (
        <Order
          name="Switch off"
          path={`/providers/${encodeURIComponent(id)}/disable`}
          consequence={`${id} is not used any more, from the next call on. Projects that nobody else may work for wait.`}
          onDone={onOrder}
        />
      ) : (
        <Order
          name="Switch on"
          path={`/providers/${encodeURIComponent(id)}/enable`}
          consequence={`${id} is used again, for money; what went wrong before does not count.`}
          onDone={onOrder}
        />
      )}
    </p>
  );
}

function creditsOf({ creditsLeft, creditsAvailable, free }: Shown): string {
  if (free) return 'free';
  if (creditsAvailable === undefined) return 'not counted';
  return creditsLeft === undefined ? 'unknown' : `${usd(creditsLeft)} of ${usd(creditsAvailable)}`;
}

/** At the pace of the last hour. */
function lastsFor({ creditsLeft }: Shown, perHour: number | undefined): string {
  if (creditsLeft === undefined || perHour === undefined) return 'unknown';
  if (creditsLeft === 0) return 'it is empty';
  return perHour === 0 ? 'nothing is spent now' : duration((creditsLeft / perHour) * 3_600_000);
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
