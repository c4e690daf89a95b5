/** The server decides; here buttons that it would refuse are left out. */
import type { Role } from '../../factory/model/access.ts';

export type { Role };

const ORDER: readonly Role[] = ['viewer', 'operator', 'owner'];

export function allows(has: Role, needed: Role): boolean {
  return ORDER.indexOf(has) >= ORDER.indexOf(needed);
}
