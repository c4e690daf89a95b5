import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { allows, type Role } from './roles.ts';

/** Who looks at this page, given by the application; `undefined` until the server has said it. */
export const RoleContext = createContext<Role | undefined>(undefined);

/** Whether whoever looks may do as much. */
export function useMay(needed: Role): boolean {
  const role = useContext(RoleContext);
  return role !== undefined && allows(role, needed);
}
