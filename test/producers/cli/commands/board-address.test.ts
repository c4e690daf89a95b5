import { expect, test } from 'vitest';
import { config } from '../../../../src/factory/config/config.ts';
import { readAddress } from '../../../../src/producers/cli/commands/machine/serve-board.ts';

const { board } = config.parse({});
const asked = (host?: string) =>
  readAddress({ args: [], options: host === undefined ? {} : { host } }, board).host;

test.each(['', ' '])('a board is not begun at the host %j, which would be all addresses', (host) => {
  expect(() => asked(host)).toThrow(expect.objectContaining({ kind: 'usage', code: 'invalid_host' }));
  expect(config.safeParse({ board: { host } }).error?.issues).toMatchObject([{ path: ['board', 'host'] }]);
});

test('a board listens where it was asked to, else where it is configured to', () => {
  expect([asked(), asked('0.0.0.0'), asked('::1')]).toEqual(['127.0.0.1', '0.0.0.0', '::1']);
  expect(config.parse({ board: { host: 'factory.local' } }).board.host).toBe('factory.local');
});
