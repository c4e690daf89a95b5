/**
 * What the rules need of the world. The adapters and the queues implement these;
 * `services.ts` puts them together. Nothing here does anything.
 *
 * Errors: a method throws `DarkFactoryError` for what its comment names; anything else that it throws is a bug.
 */

export * from './ports/emergency-stop.ts';
export * from './ports/finance.ts';
export * from './ports/forge.ts';
export * from './ports/git.ts';
export * from './ports/git-push.ts';
export * from './ports/git-scratch.ts';
export * from './ports/meter.ts';
export * from './ports/models.ts';
export * from './ports/notify.ts';
export * from './ports/queue.ts';
export * from './ports/sandbox.ts';
export * from './ports/state.ts';
export * from './ports/work.ts';
export * from './ports/workspace.ts';
