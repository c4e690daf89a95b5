import type { Command } from 'commander';
import type { Leaf } from '../../framework/leaf.ts';
import { projectOptionsIfAny } from '../projects/declare.ts';
import { group } from '../providers/declare.ts';

/** Commands about projects that are made at their time. */
export function declareSchedules(root: Command, leaf: Leaf): void {
  const schedule = group(root, 'schedule', 'make projects again and again at their time', [
    'schedule add nightly --cron "0 22 * * 1-5" --file night.yaml',
    'schedule list',
  ]);
  projectOptionsIfAny(
    leaf(
      schedule,
      'add <name>',
      'add a schedule, for a file of projects or for one project',
      () => import('./schedule-add.ts'),
      [
        'schedule add nightly --cron "0 22 * * 1-5" --file night.yaml',
        'schedule add deps --cron "30 2 * * *" --timezone Europe/Berlin --description @deps.md --repo ../shop --budget 5',
        'schedule add sunday --cron "0 20 * * SUN" --file week.yaml --catch-up 12h',
      ],
    )
      .requiredOption(
        '--cron <expression>',
        'when: minute, hour, day of the month, month and day of the week',
      )
      .option('--timezone <zone>', 'whose clock counts (default: timezone of config.yaml, or the machine)')
      .option('--catch-up <duration>', 'a run that was missed is made up for within that time', '2h')
      .option('--file <file>', 'a file of projects, as df enqueue takes it; read at each run'),
  );
  leaf(
    schedule,
    'list',
    'list all schedules, when they come and what came of them',
    () => import('./schedule-list.ts'),
  );
  leaf(
    schedule,
    'remove <name>',
    'remove a schedule; what it made stays',
    () => import('./schedule-remove.ts'),
    ['schedule remove nightly'],
  );
  leaf(schedule, 'run <name>', 'make its projects now', () => import('./schedule-run.ts'), [
    'schedule run nightly',
  ]);
}
