import { expect, onTestFinished, test } from 'vitest';
import { activeWhile } from '../../src/factory/lifecycle/steps/active-while.ts';
import { createServices } from '../../src/services.ts';
import { addProject } from '../state/samples.ts';
import { makeHome } from '../support/home.ts';
import { until } from '../support/until.ts';

const HOUR = 3_600_000;

test.each([
  ['forward', 5 * HOUR],
  ['back', -5 * HOUR],
])(
  'when the clock is set %s in mid-work, neither is the time used up nor less than nothing counted',
  async (_way, jump) => {
    const home = await makeHome();
    const services = await createServices({ role: 'worker', env: { DF_HOME: home.home } });
    onTestFinished(async () => {
      await services.close();
      await home.cleanup();
    });
    let set = 0;
    const clock = { now: () => new Date(Date.now() + set) };
    const project = await addProject(services.state, { status: 'active', started: true, maxRuntime: HOUR });
    const looks: string[] = [];
    const state = {
      ...services.state,
      project(id: string) {
        looks.push(id);
        return services.state.project(id);
      },
    };
    const context = {
      services: { ...services, clock, state },
      job: '1',
      signal: new AbortController().signal,
      log: () => {},
    };
    const watched = await activeWhile(context, project, async (signal) => {
      set = jump;
      // Until it has looked at its project twice: then it would have been stopped.
      const before = looks.length;
      await until(() => looks.length > before + 1, 20_000);
      return signal.aborted;
    });
    if (watched.stopped) throw new Error(watched.result.detail);
    expect(watched.value).toBe(false);
    const counted = (await services.state.project(project.id).get()).activeMs + watched.ms;
    expect(counted).toBeGreaterThan(0);
    expect(counted).toBeLessThan(HOUR / 2);
  },
);
