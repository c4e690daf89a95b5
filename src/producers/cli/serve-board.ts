import type { Services } from '../../services.ts';
import type { Board } from '../board.ts';
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

export async function openBoard(services: Services, address: Address, readOnly: boolean): Promise<Board> {
  const { startBoard } = await import('../board.ts');
  return startBoard({ queues: (await services.queues()).queues, ...address, readOnly });
}
