import { done, type Processor } from './processor.ts';

/** Asks a provider for a token. A good answer wakes every project that waits for credits, once. */
export const providerProbes: Processor<'provider-probes'> = async ({ providerId }, { services, log }) => {
  const finance = await services.finance();
  const { healthy, detail } = await finance.probeProvider(providerId);
  log(detail);
  const woken = healthy ? await services.desk.wake(`The provider ${providerId} answers again.`) : 0;
  return done(`${providerId}: ${healthy ? 'healthy' : 'not usable'} (${detail}); ${woken} projects woken`);
};
