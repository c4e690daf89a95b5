import { expect, onTestFinished } from 'vitest';
import type { Role } from '../../../src/factory/model/access.ts';
import { serve } from '../../../src/producers/web/serve.ts';
import type { Scenario } from '../../support/scenario.ts';

/** The form of all refusals. */
interface Refusal {
  error: { code: string; message: string; hint: string };
}

/** What is served of a scenario's home until the test ends, as a program with a token of that role sees it. */
export async function openApi(s: Scenario, role: Role = 'owner') {
  const { token } = await s.json<{ token: string }>('token', 'add', role, '--role', role);
  const env = { ...s.env, DF_HOME: s.home };
  const web = await serve(s.services, env, { host: '127.0.0.1', port: 0, role: 'viewer' });
  onTestFinished(() => web.close());
  const url = `${new URL(web.url).origin}/api/v1`;
  const bearer = { authorization: `Bearer ${token}` };
  return {
    link: web.url,
    url,
    async get<Body = Refusal>(path: string, headers: Record<string, string> = {}) {
      const answer = await fetch(`${url}${path}`, { headers: { ...bearer, ...headers } });
      return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Body };
    },
    async post<Body = Refusal>(path: string, body: unknown = {}, method = 'POST') {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const answer = await fetch(`${url}${path}`, { method, headers: bearer, body: text });
      return { status: answer.status, body: (await answer.json()) as Body };
    },
    /** Events of a stream until enough came; cut then. */
    async events(path: string, enough: (texts: string[]) => boolean, headers: Record<string, string> = {}) {
      const cut = new AbortController();
      const answer = await fetch(`${url}${path}`, { headers: { ...bearer, ...headers }, signal: cut.signal });
      expect(answer.status).toBe(200);
      const found: { id: string; event: { type: string; projectId: string } }[] = [];
      let text = '';
      try {
        for await (const chunk of answer.body ?? []) {
          text += Buffer.from(chunk).toString('utf8');
          const whole = text.split('\n\n');
          text = whole.pop() ?? '';
          for (const each of whole) {
            const [, id, data] = /^id: (.*)\ndata: (.*)$/.exec(each) ?? [];
            if (id !== undefined && data !== undefined) found.push({ id, event: JSON.parse(data) });
          }
          if (enough(found.map(({ event }) => event.type))) break;
        }
      } finally {
        cut.abort();
      }
      return found;
    },
  };
}
