import { ownerAct } from '../../../../factory/lifecycle/owner-act.ts';
import type { Role } from '../../../../factory/model/access.ts';
import { DarkFactoryError, usageError } from '../../../../lib/failure.ts';
import type { Services } from '../../../../services.ts';
import { FROM_ENVIRONMENT as ENV, MASTER_KEY } from '../../../../state/secrets/vault.ts';
import type { Web } from '../../../web/web.ts';
import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, textOption } from '../../framework/options.ts';
import { parseWhole } from '../../framework/parse.ts';

export interface Address {
  host: string;
  port: number;
  /** Nobody asked for this very port: another one will do where it is in use. */
  anyPort: boolean;
}

/**
 * Where the board is to listen: as asked, else as configured.
 *
 * @throws DarkFactoryError `usage`/`invalid_host`: at an empty host a server would listen on all addresses
 */
export function readAddress(invocation: Invocation, configured: Omit<Address, 'anyPort'>): Address {
  const port = textOption(invocation, 'port');
  const host = textOption(invocation, 'host') ?? configured.host;
  if (host.trim() === '')
    throw usageError(
      'invalid_host',
      '--host is empty',
      'Name an address of this machine, for example --host 127.0.0.1, or leave it out.',
    );
  return {
    host,
    port: port === undefined ? configured.port : parseWhole('--port', port, 0, 65_535),
    anyPort: port === undefined,
  };
}

export async function openBoard(
  { env, err, services: open }: Pick<CommandContext, 'env' | 'err' | 'services'>,
  { host, port, anyPort }: Address,
  role: Role,
): Promise<Web> {
  const services = await open();
  const { serve } = await import('../../../web/serve.ts');
  const startAt = (at: number) => serve(services, env, { host, port: at, role });
  const board = await startAt(port).catch((error: unknown) => {
    if (!anyPort || !isTaken(error)) throw error;
    return startAfter(port, startAt);
  });
  const { host: place, port: taken } = new URL(board.url);
  if (port !== 0 && taken !== String(port)) err.line(`Port ${port} is in use, so the board takes ${taken}.`);
  await ownerAct(
    services,
    'board.started',
    `A ${role === 'viewer' ? 'read-only' : 'writable'} board began at ${place}.`,
  );
  return board;
}

/** At the next port that is free; where many in a row are not, at any. */
async function startAfter(port: number, startAt: (port: number) => Promise<Web>): Promise<Web> {
  for (const next of portsAfter(port)) {
    try {
      return await startAt(next);
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
  }
  return startAt(0);
}

const portsAfter = (port: number): number[] =>
  Array.from({ length: 20 }, (_, at) => port + 1 + at).filter((next) => next <= 65_535);

function isTaken(error: unknown): boolean {
  return error instanceof DarkFactoryError && error.code === 'port_taken';
}

/**
 * Takes the keys out of this process and of what it starts: who shows queues calls no model. To be called where no worker is
 * started from here.
 */
export async function forgetKeys({ state }: Pick<Services, 'state'>, env: NodeJS.ProcessEnv): Promise<void> {
  const { providers } = await state.providers().get();
  delete env[MASTER_KEY];
  for (const { apiKey } of providers) if (apiKey.startsWith(ENV)) delete env[apiKey.slice(ENV.length)];
}
