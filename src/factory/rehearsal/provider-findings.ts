import { notPermitted, type Purpose, permits } from '../finance/calls/scope.ts';
import type { ProviderConfig } from '../model/money/finance.ts';
import { error, type Finding, warn } from './finding.ts';

/** A provider, and what its probe said. */
export interface Probed {
  /** As it is after the probe. */
  provider: ProviderConfig;
  healthy: boolean;
  /** One sentence. */
  detail: string;
}

/**
 * Providers that do not answer, for whoever of the projects they could work for. Those that their owner switched off are left out. Pure.
 *
 * @param roles of each what it is kept to, and what may take its place
 */
export function providerFindings(
  probed: readonly Probed[],
  roles: readonly (readonly Purpose[])[],
): Finding[] {
  const found: Finding[] = [];
  const sick = new Set<Probed>();
  for (const purposes of roles) {
    const [purpose] = purposes;
    if (purpose === undefined) continue;
    const asked = probed.filter(({ provider }) => purposes.some((each) => permits(provider, each)));
    for (const each of asked) if (!each.healthy) sick.add(each);
    if (asked.some(({ healthy }) => healthy)) continue;
    const whom = purpose.personas.join(' or ');
    const details = asked.map(({ detail }) => detail);
    const why =
      asked.length === 0
        ? notPermitted(
            probed.map(({ provider }) => provider),
            purpose,
          )
        : details.join(' ');
    const remedies = asked.map(remedyFor).join('; or: ');
    found.push(
      error(
        `Nobody would answer ${whom}: ${why}`,
        remedies || 'Let a provider: df provider update, enable or add',
      ),
    );
  }
  // What the work cannot do without is told already.
  if (found.length > 0) return unique(found);
  return [...sick].map((each) => warn(`${each.detail} Another one would do its work`, remedyFor(each)));
}

function remedyFor({ provider: { id, enabled, exhaustedAt } }: Probed): string {
  if (!enabled) return `Give it a key that works: df provider set-key ${id}`;
  if (exhaustedAt !== undefined) return `Top up ${id}; it is probed and goes on by itself`;
  return `Look at it: df provider probe ${id}`;
}

function unique(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((each) => [each.what, each])).values()];
}
