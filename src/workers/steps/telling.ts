import type { Processor } from './processor.ts';

/**
 * Looks for what is to be told with every reconcile and after the end of a project. Whatever goes wrong with it is logged:
 * it never holds up the work that it tells of.
 */
export const telling =
  (processor: Processor<'projects'>): Processor<'projects'> =>
  async (payload, context) => {
    const { services } = context;
    const attempt = async (what: () => Promise<void>) => {
      await what().catch((err: unknown) => {
        services.log.warn({ err, action: payload.action }, 'could not look for what is to be told');
      });
    };
    // Before the end is written down: a crash right after it must not make it forgotten.
    if (payload.action === 'stop')
      await attempt(async () => (await services.notifications()).watch(payload.projectId));
    const result = await processor(payload, context);
    if (payload.action === 'reconcile' || payload.action === 'stop')
      await attempt(async () =>
        (await services.notifications()).scan(payload.action === 'stop' ? payload.projectId : undefined),
      );
    return result;
  };
