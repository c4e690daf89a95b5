import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Check, ok, warn } from '../../../../factory/diagnosis/check.ts';

export interface Place {
  path: string;
  uid: number;
  gid: number;
  mode: number;
}

export interface Person {
  uid: number;
  gid: number;
}

/** Who else could read the home, or put another one in its place. */
export async function checkHome(root: string): Promise<Check> {
  const real = await realpath(root).catch(() => null);
  if (real === null) return ok('home', `${root} is made when it is first needed`);
  const places: Place[] = [];
  for (let at = real; ; at = path.dirname(at)) {
    const { uid, gid, mode } = await stat(at);
    places.push({ path: at, uid, gid, mode });
    if (path.dirname(at) === at) break;
  }
  return judgeHome(places, { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 });
}

/** @param places the home itself and all folders above it, inside out */
export function judgeHome([home, ...above]: readonly Place[], me: Person): Check {
  if (home === undefined) return ok('home', 'there is none');
  if (home.uid !== me.uid && me.uid !== 0)
    return warn('home', `${home.path} belongs to another user`, 'Set DF_HOME to a folder of your own');
  if ((home.mode & 0o077) !== 0) {
    const mode = (home.mode & 0o777).toString(8).padStart(4, '0');
    return warn('home', `${home.path} is open to others (mode ${mode})`, `chmod 700 ${home.path}`);
  }
  const open = above.find((place) => mayBeReplacedIn(place, me));
  if (open === undefined) return ok('home', `${home.path}, for its owner alone`);
  const remedy = `Keep DF_HOME below folders that only you can change, or chmod go-w ${open.path}`;
  return warn('home', `others can write in ${open.path} and put another home in place of this one`, remedy);
}

/** In a sticky folder (`/tmp`) nobody renames what belongs to somebody else; one's own group is often one's own alone. */
function mayBeReplacedIn({ mode, gid, uid }: Place, me: Person): boolean {
  if ((mode & 0o1000) !== 0) return false;
  const foreignGroup = (mode & 0o020) !== 0 && gid !== me.gid && gid !== 0;
  return (mode & 0o002) !== 0 || foreignGroup || (uid !== me.uid && uid !== 0);
}
