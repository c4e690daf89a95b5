import { expect, it } from 'vitest';
import type { NewEvent } from '../../../../../src/factory/model/event.ts';
import { tellStuck } from '../../../../../src/producers/cli/commands/service/owner-told.ts';
import type { Services } from '../../../../../src/services.ts';

it('A174 that no worker of df up can begin is told the owner at once; while others work it is noted alone', async () => {
  const noted: NewEvent[] = [];
  let told = 0;
  const tellNow = async () => {
    told += 1;
  };
  const services = {
    record: async (event: NewEvent) => void noted.push(event),
    notifications: async () => ({ tellNow }),
  } as unknown as Pick<Services, 'record' | 'notifications'>;
  await tellStuck(services, { exitCode: 4, said: '', others: 1 });
  expect({ noted, told }).toMatchObject({ noted: [{ type: 'up.stuck', level: 'info' }], told: 0 });
  await tellStuck(services, { exitCode: 2, said: '', others: 0 });
  expect({ noted, told }).toMatchObject({ noted: [{}, { type: 'up.stuck', level: 'warn' }], told: 1 });
});
