import type { Need } from '../../factory/report/next-step.ts';

/** The command for what only the owner can do. */
export function NeedOf({ need }: { need: Need | undefined }) {
  return need === undefined ? null : (
    <p class="facts">
      It goes on with <code>{need.do}</code>
    </p>
  );
}
