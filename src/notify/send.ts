/** Messages to the outside: webhooks, chats and the owner's own commands. */

import type { NotificationTarget } from '../factory/model/notifications/notification-target.ts';
import { asDiscord, asDocument, asSlack } from '../factory/notifications/formats.ts';
import type { SendNotice } from '../factory/ports.ts';
import { COMMAND_TIMEOUT_MS, runNotifier } from './command.ts';
import { HTTP_TIMEOUT_MS, postNotice } from './http.ts';

/** How a variable stands in the place of an address. */
const ENV = 'env:';

export interface SenderOptions {
  env: NodeJS.ProcessEnv;
  /** Where commands run. */
  folder: string;
  /** Milliseconds. */
  timeouts?: { http: number; command: number };
}

export function createSender({ env, folder, timeouts }: SenderOptions): SendNotice {
  const { http, command } = timeouts ?? { http: HTTP_TIMEOUT_MS, command: COMMAND_TIMEOUT_MS };
  return async (target, notice, signal) => {
    if (target.type === 'command') {
      const place = { env, folder, timeoutMs: command };
      return runNotifier(target.command, notice, asDocument(notice), place, signal);
    }
    const address = addressOf(target.url, env);
    if (address === null) return { ok: false, problem: missingAddress(target.url) };
    const body = { webhook: asDocument, slack: asSlack, discord: asDiscord }[target.type](notice);
    return postNotice(address, notice, body, signal, http);
  };
}

/** The address in clear, `null` when its variable holds none. */
export function addressOf(url: string, env: NodeJS.ProcessEnv): string | null {
  const address = url.startsWith(ENV) ? (env[url.slice(ENV.length)] ?? '').trim() : url;
  return URL.canParse(address) && /^https?:$/.test(new URL(address).protocol) ? address : null;
}

export function missingAddress(url: string): string {
  return `the variable ${url.slice(ENV.length)} holds no http(s) address`;
}

/** What of the targets must never be said: addresses, and the long parts of their paths and queries. */
export function secretsOf(targets: readonly NotificationTarget[], env: NodeJS.ProcessEnv): string[] {
  return targets.flatMap((target) => {
    const address = target.type === 'command' ? null : addressOf(target.url, env);
    if (address === null) return [];
    const { pathname, searchParams, password } = new URL(address);
    const parts = [...pathname.split('/'), ...searchParams.values(), password];
    return [address, ...parts.filter((part) => part.length >= 16)];
  });
}
