import * as z from 'zod';
import { unset } from './settings.ts';

/** Only these settings count for signatures, never the repository's own. */
export const gitSettings = z
  .object({
    sign: z
      .union([z.boolean(), z.enum(['openpgp', 'ssh'])])
      .default(false)
      .transform((sign) => (sign === true ? 'openpgp' : sign))
      .describe(
        'Sign every commit and merge: `openpgp` (or `true`) with `gpg`, `ssh` with `ssh-keygen`. One that cannot be signed is not made, and the project pauses',
      ),
    signingKey: unset(
      z.string().min(1),
      '/home/me/.ssh/id_ed25519',
      'Id of the OpenPGP key; absolute path of the SSH key, or `key::…` for one that an agent holds',
    ),
    signingProgram: unset(
      z.string().startsWith('/'),
      '/usr/local/bin/gpg2',
      'Absolute path of another signing program. Not set: `gpg` or `ssh-keygen` on the PATH',
    ),
  })
  .refine(({ sign, signingKey }) => sign === false || signingKey !== undefined, {
    message: 'is needed for git.sign',
    path: ['signingKey'],
  })
  .refine(({ sign, signingKey = '/' }) => sign !== 'ssh' || /^(?:~?\/|key::|ssh-)/.test(signingKey), {
    message: 'is no absolute path, and no key as key::…',
    path: ['signingKey'],
  })
  .prefault({})
  .describe('Signed commits');
