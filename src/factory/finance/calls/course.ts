import type { RequestRoute } from '../../model/journal.ts';
import type { PaidCall, PaidOutcome } from '../../ports.ts';
import type { FinanceDeps } from '../deps.ts';
import type { Candidate } from '../providers/select.ts';
import { ANY } from '../routing/routes.ts';
import { tierOf } from '../routing/tiers.ts';
import { notPermitted, type Purpose, permits, purposesOf } from './scope.ts';

/** What one call is kept to by now. */
export interface Course {
  /** Of these, those that may take it. */
  permitted(candidates: readonly Candidate[]): readonly Candidate[];
  /** Why none of these may. */
  refusal(candidates: readonly Candidate[]): string | null;
  /** Goes on with what takes the place of a tier that cannot be used, where there is such a thing, and says so. */
  moveOn(outcome: PaidOutcome): Promise<boolean>;
  /** How its request is noted. */
  routeTo(providerId: string): RequestRoute;
  /** The provider that takes it does no more for the project than this. */
  aside: boolean;
  /** It was answered. */
  arrived(): void;
}

type Call = Pick<PaidCall, 'projectId' | 'persona' | 'operation' | 'escalatedTo' | 'held' | 'avoidProvider'>;

/** Opens the course of each call. Remembers of which tiers it has said that they are gone: a judge asks anew at each call. */
export function createCourses(deps: FinanceDeps): (call: Call) => Promise<Course> {
  const { tiers, routing } = deps.config;
  const told = new Set<string>();
  return async (call) => {
    const found = (await purposesOf(deps, call.projectId, call)) ?? [];
    const wanted = nameOf(found[0]);
    const purposes = withHeld(found, call.held?.wanted === wanted ? call.held.instead : wanted);
    const key = `${call.projectId} ${call.persona ?? ''} ${call.operation} ${wanted}`;
    let at = 0;
    const now = (): Purpose | undefined => purposes[at];
    const isElse = () => nameOf(now()) !== wanted;
    return {
      permitted(candidates) {
        const purpose = now();
        return purpose === undefined
          ? candidates
          : candidates.filter(({ provider }) => permits(provider, purpose));
      },
      refusal(candidates) {
        const purpose = now();
        if (purpose === undefined || candidates.length === 0) return null;
        return notPermitted(
          candidates.map(({ provider }) => provider),
          purpose,
        );
      },
      async moveOn(outcome) {
        if (at + 1 >= purposes.length || !isGone(outcome, call)) return false;
        at += 1;
        if (outcome.kind === 'context' || !isElse() || told.has(key)) return true;
        told.add(key);
        const instead = nameOf(now());
        await deps.record({
          projectId: call.projectId,
          ...(call.persona === undefined ? {} : { persona: call.persona }),
          type: 'tier.unavailable',
          level: 'warn',
          message: `No provider of the tier ${wanted} can be used, so ${WHAT[call.operation]} go on with ${instead === ANY ? 'any provider' : `the tier ${instead}`}.`,
          data: { tier: wanted, instead, operation: call.operation, detail: detailOf(outcome) },
        });
        return true;
      },
      routeTo(providerId) {
        const purpose = now();
        const tier = purpose?.tier?.name ?? tierOf(tiers, providerId);
        return {
          ...(tier === undefined ? {} : { tier }),
          ...(isElse() ? { wanted, instead: nameOf(purpose) } : {}),
        };
      },
      // A judge of the work is not the one that does it, nor is who only tells it again.
      aside:
        call.avoidProvider !== undefined ||
        (call.operation === 'compaction' && routing.summarise !== undefined),
      arrived() {
        if (!isElse()) told.delete(key);
      },
    };
  };
}

const WHAT: Readonly<Record<PaidCall['operation'], string>> = {
  chat: 'turns',
  audit: 'judges',
  compaction: 'summaries',
  sealing: 'turns',
  noop_probe: 'probes',
};

/** Whoever works on with a substitute stays with it: a switch costs the prompt cache, so the tier is not tried at each turn. */
function withHeld(purposes: readonly Purpose[], first: string): readonly Purpose[] {
  const isFirst = (each: Purpose) => nameOf(each) === first;
  return [...purposes.filter(isFirst), ...purposes.filter((each) => !isFirst(each))];
}

function nameOf(purpose: Purpose | undefined): string {
  return purpose?.tier?.name ?? purpose?.model ?? ANY;
}

/** Nobody there can take it, now or for all that is known. What waits for a moment waits. */
function isGone(outcome: PaidOutcome, { operation }: Call): boolean {
  switch (outcome.kind) {
    case 'no_provider':
    case 'not_permitted':
      return true;
    case 'refused':
      return outcome.squeezed;
    // Whoever only tells a conversation again must be able to read it; others may.
    case 'context':
      return operation === 'compaction';
    default:
      return false;
  }
}

function detailOf(outcome: PaidOutcome): string {
  return 'detail' in outcome ? outcome.detail : '';
}
