import * as z from 'zod';

/** Signed commits. Only these settings count, never the repository's own. */
export const gitSettings = z
  .object({
    /** `true`: as `openpgp`. */
    sign: z
      .union([z.boolean(), z.enum(['openpgp', 'ssh'])])
      .default(false)
      .transform((sign) => (sign === true ? 'openpgp' : sign)),
    /** `openpgp`: id of a key. `ssh`: path of a private or public key file, or `key::ssh-ed25519 …` held by an agent. */
    signingKey: z.string().min(1).optional(),
    /** Default: `gpg` or `ssh-keygen` on the PATH. */
    signingProgram: z.string().startsWith('/').optional(),
  })
  .refine(({ sign, signingKey }) => sign === false || signingKey !== undefined, {
    message: 'is needed for git.sign',
    path: ['signingKey'],
  })
  .refine(({ sign, signingKey = '/' }) => sign !== 'ssh' || /^(?:~?\/|key::|ssh-)/.test(signingKey), {
    message: 'is no absolute path, and no key as key::…',
    path: ['signingKey'],
  })
  .prefault({});
