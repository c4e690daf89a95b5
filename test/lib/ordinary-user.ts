import { setgid, setgroups, setuid } from 'node:process';
import { removeTree } from '../../src/lib/remove-tree.ts';

/** Removes what it is given as a user to whom permissions apply. */
const [known = '', ...paths] = process.argv.slice(2);
// Loads all that it needs from where nobody else may read.
await removeTree(known);
const id = 65_534;
if (process.getuid?.() === 0) {
  setgroups?.([]);
  setgid?.(id);
  setuid?.(id);
}
await removeTree(...paths);
