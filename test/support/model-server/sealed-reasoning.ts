import { createHmac, randomBytes } from 'node:crypto';
import { asText, type Json } from './formats/format.ts';

const PREFIX = 'gAAAA';

/** Encrypts reasoning for one account and one model, and opens what was made for them and not changed since. */
export function createSeal(secret: Buffer = randomBytes(32)) {
  const sign = (owner: string, hidden: string) =>
    createHmac('sha256', secret).update(owner).update('\0').update(hidden).digest('base64url');

  return {
    close(owner: string, id: string, thought: string): string {
      const hidden = Buffer.from(JSON.stringify({ id, thought })).toString('base64url');
      return `${PREFIX}${hidden}.${sign(owner, hidden)}`;
    },

    /** Why the vendor refuses this reasoning item, or `undefined`. */
    refusal(owner: string, item: Json): string | undefined {
      const [hidden = '', signature] = asText(item.encrypted_content).slice(PREFIX.length).split('.');
      if (signature === sign(owner, hidden) && idIn(hidden) === item.id) return undefined;
      return `The encrypted content for item ${asText(item.id)} could not be verified. Reason: Encrypted content could not be decrypted or parsed.`;
    },
  };
}

export type Seal = ReturnType<typeof createSeal>;

function idIn(hidden: string): string {
  const { id }: { id: string } = JSON.parse(Buffer.from(hidden, 'base64url').toString());
  return id;
}
