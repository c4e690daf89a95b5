/** Providers and the machine. */
import * as z from 'zod';
import { role } from '../../../factory/model/access.ts';
import { providerConfig } from '../../../factory/model/finance.ts';
import { providerDocuments } from '../../documents/providers.ts';
import { examineHealth } from '../../health/examine.ts';
import { route } from './route.ts';

export const machineRoutes = [
  route({
    method: 'get',
    path: '/me',
    role: 'viewer',
    summary: 'Who asks, and what they may do',
    answer: z.object({ role, by: z.string() }),
    handle: async (_asked, { identity }) => identity,
  }),
  route({
    method: 'get',
    path: '/providers',
    role: 'viewer',
    summary: 'Providers with their state, as df provider list --json; of keys the last four characters',
    answer: z.array(providerConfig.extend({ state: z.string() })),
    handle: (_asked, { services }) => providerDocuments(services),
  }),
  route({
    method: 'get',
    path: '/health',
    role: 'viewer',
    summary: 'Whether work can be done, and what stands in its way, as df health --json',
    answer: z.looseObject({
      status: z.enum(['healthy', 'degraded', 'not_ready']),
      problems: z.array(z.looseObject({ part: z.string(), severity: z.string(), message: z.string() })),
    }),
    handle: (_asked, { services, env }) => examineHealth(services, env),
  }),
];
