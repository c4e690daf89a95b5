import type { Config } from '../factory/config/config.ts';
import { createNotifications } from '../factory/notifications/notifications.ts';
import type { NotificationDeps, Notifications } from '../factory/notifications/types.ts';
import type { KeyVault, StateStore } from '../factory/ports.ts';
import type { Log } from '../lib/log.ts';
import { createSender, secretsOf } from './send.ts';

export interface OpenNotificationsDeps extends Pick<NotificationDeps, 'boxes' | 'queue' | 'now' | 'newId'> {
  config: Pick<Config, 'notifications' | 'privacy'>;
  env: NodeJS.ProcessEnv;
  /** Where commands run; made when it is missing. */
  home: { root: string };
  state: StateStore;
  vault: KeyVault;
  log: Log;
}

/** Telling the owner, as configured. */
export function openNotifications(deps: OpenNotificationsDeps): Notifications {
  const { config, env, home, state, vault, log } = deps;
  const { targets } = config.notifications;
  return createNotifications({
    ...deps,
    targets,
    encrypt: config.privacy.encrypt,
    chance: Math.random,
    send: createSender({ env, folder: home.root }),
    async secrets() {
      const { providers } = await state.providers().get();
      // One whose key cannot be read has none that could stand in a text.
      const keys = await Promise.all(
        providers.map(({ id, apiKey }) => vault.open(id, apiKey).catch(() => '')),
      );
      return [...secretsOf(targets, env), ...keys];
    },
    warn: (fields, message) => log.warn(fields, message),
  });
}
