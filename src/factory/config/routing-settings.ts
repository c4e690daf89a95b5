import * as z from 'zod';
import { TIERS, type Tier, tier } from '../model/money/tier.ts';
import { MOST_RED_RUNS } from '../model/task.ts';
import { group, oneOf, unset } from './settings.ts';

const ids = (example: string) =>
  z
    .array(z.string().min(1).max(64))
    .min(1, 'a tier without providers does nothing: name some, or take it out')
    .refine((all) => new Set(all).size === all.length, 'a provider is named twice')
    .optional()
    .meta({ description: `Ids of providers, as \`df provider list\` shows them`, examples: [[example]] });

export const tiers = group(
  'Providers by what their models can do. Among those of a tier the usual order decides. Not set: no tiers, and any provider may take any call',
  { small: ids('haiku'), medium: ids('sonnet'), large: ids('opus') },
);
export type Tiers = z.infer<typeof tiers>;

const toTier = (meaning: string, example: Tier) => unset(tier, example, meaning);

/** In a row, where nobody says how many. */
export const RED_GATES = 2;

export const routing = group('Which tier does what. What is not set is not kept to any', {
  default: toTier('Work of personas that ask for none, in projects that ask for none', 'medium'),
  summarise: toTier('Summaries of long conversations', 'small'),
  judge: toTier('Audits, and branches of a decision that are compared', 'large'),
  escalate: group('Work that stays red goes on with another tier', {
    afterRedGates: unset(
      z.number().int().min(1).max(MOST_RED_RUNS),
      3,
      `Red gates in a row: of a persona, or of one of its tasks. Not set: ${RED_GATES}`,
    ),
    to: toTier('Goes on until the gate, or the task, is green', 'large'),
  }),
  unavailable: oneOf(
    ['default', 'wait'],
    'default',
    "A tier of which no provider can be used: `default` goes on with what comes next (the project's model, then `routing.default`; any provider where that is not set) and says so, `wait` waits for it",
  ),
});
export type Routing = z.infer<typeof routing>;

/** Names of tiers that are not there, and half an escalation. */
export function routingProblems(settings: {
  tiers: Tiers;
  routing: Routing;
}): { path: string[]; message: string }[] {
  const { default: usual, summarise, judge, escalate } = settings.routing;
  const { afterRedGates, to } = escalate;
  const half =
    afterRedGates === undefined || to !== undefined
      ? []
      : [{ path: ['routing', 'escalate', 'to'], message: 'afterRedGates needs a tier to go on with' }];
  const there = TIERS.filter((each) => settings.tiers[each] !== undefined);
  const named: [string[], Tier | undefined][] = [
    [['default'], usual],
    [['summarise'], summarise],
    [['judge'], judge],
    [['escalate', 'to'], to],
  ];
  const unknown = named.flatMap(([path, name]) =>
    name === undefined || there.includes(name)
      ? []
      : [
          {
            path: ['routing', ...path],
            message: `there is no tier ${name}: tiers has ${there.join(', ') || 'none'}`,
          },
        ],
  );
  return [...half, ...unknown];
}
