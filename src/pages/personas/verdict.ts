import { useEffect, useState } from 'preact/hooks';
import type { TrialPlan } from '../../producers/trial/trial.ts';
import { send } from '../data/api.ts';
import { useLiveState } from '../data/use.ts';

/** After the last key, in milliseconds. */
const SETTLE_MS = 300;

export interface Verdict {
  /** What is wrong, as the server says; `null`: nothing. */
  problem: string | null;
  /** What trying it will take. */
  trial?: TrialPlan;
}

/** Of a text as this persona's file, asked for again when the connection was cut; `undefined`: not known yet. */
export function useVerdict(name: string, text: string): Verdict | undefined {
  const state = useLiveState();
  const [found, setFound] = useState<Verdict & { text: string }>();
  useEffect(() => {
    let gone = false;
    const timer = setTimeout(() => {
      const path = `/personas/${encodeURIComponent(name === '' ? '-' : name)}/check`;
      send<{ valid: boolean; problem?: string; trial?: TrialPlan }>(path, { text }).then(
        ({ valid, problem = 'something is wrong', trial }) => {
          if (gone) return;
          setFound({ text, problem: valid ? null : problem, ...(trial === undefined ? {} : { trial }) });
        },
        (error: unknown) => {
          if (!gone) setFound({ text, problem: error instanceof Error ? error.message : String(error) });
        },
      );
    }, SETTLE_MS);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [name, text, state]);
  return found?.text === text ? found : undefined;
}
