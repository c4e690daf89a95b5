import type { Board } from '../board.ts';
import type { CommandContext } from './context.ts';
import { type Invocation, textOption } from './options.ts';
import { parseWhole } from './parse.ts';

export interface Address {
  host: string;
  port: number;
}

/** Where the board is to listen: as asked, else as configured. */
export function readAddress(invocation: Invocation, configured: Address): Address {
  const port = textOption(invocation, 'port');
  return {
    host: textOption(invocation, 'host') ?? configured.host,
    port: port === undefined ? configured.port : parseWhole('--port', port, 0, 65_535),
  };
}

export async function openBoard(
  { env, services: open }: Pick<CommandContext, 'env' | 'services'>,
  address: Address,
  readOnly: boolean,
): Promise<Board> {
  const services = await open();
  const { startBoard } = await import('../board.ts');
  const { createMonitor } = await import('../health/monitor.ts');
  const monitor = createMonitor(services, env);
  return startBoard({ queues: (await services.queues()).queues, ...address, readOnly, monitor });
}
