import type { Command } from 'commander';
import type { Leaf } from '../../framework/leaf.ts';
import { group } from '../providers/declare.ts';

/** Commands for a factory that runs without a terminal. */
export function declareService(root: Command, leaf: Leaf): void {
  leaf(root, 'down', 'stop what up started, without a terminal too', () => import('./down.ts'), [
    'down',
    'down --now',
  ]).option('--now', 'interrupt running steps instead of letting them end');
  const service = group(root, 'service', 'let the machine begin it by itself', [
    'service install --workers 2',
    'service status',
  ]);
  const commands = () => import('./service.ts');
  leaf(
    service,
    'install',
    'let df up begin by itself and go on when you log out',
    async () => (await commands()).installCommand,
    ['service install --workers 2', 'service install --print'],
  )
    .option('--workers <count>', 'worker processes')
    .option('--concurrency <count>', 'steps at once in each worker')
    .option('--port <port>', 'port of the board')
    .option('--print', 'only print the unit or property list');
  leaf(
    service,
    'uninstall',
    'stop the service of this home and remove it',
    async () => (await commands()).uninstallCommand,
  );
  leaf(service, 'status', 'tell whether it runs', async () => (await commands()).statusCommand);
}
