import { DarkFactoryError } from '../../lib/failure.ts';
import { type ForgeConfig, keyOwner } from '../model/forge/forge.ts';
import type { KeyVault } from '../ports.ts';

/**
 * The token in clear, as it may stand in a header and on a line of its own: what holds anything else could end up in the message of
 * whoever refuses it. Throws what `KeyVault.open` throws.
 */
export async function openToken(
  vault: Pick<KeyVault, 'open'>,
  { id, token }: Pick<ForgeConfig, 'id' | 'token'>,
): Promise<string> {
  const clear = (await vault.open(keyOwner(id), token)).trim();
  if (/^[\x21-\x7e]+$/.test(clear)) return clear;
  throw new DarkFactoryError(
    'environment',
    'key_unreadable',
    `The token of forge "${id}" ${clear === '' ? 'is empty' : 'holds blanks, line breaks or other odd characters'}`,
    `Copy it again from where it was made: df forge set-token ${id} --token-stdin`,
  );
}
