import type { Check } from './check.ts';

export interface HealthProblem {
  /** The name of the check. */
  part: string;
  /** `not_ready`: nothing can be done like this. */
  severity: 'degraded' | 'not_ready';
  /** One sentence. */
  message: string;
}

export type HealthStatus = 'healthy' | 'degraded' | 'not_ready';

/** What is wrong of what was looked at, the worst first. Pure. */
export function problemsOf(checks: readonly Check[]): HealthProblem[] {
  return checks
    .filter(({ status }) => status !== 'ok')
    .map(({ name, status, detail }): HealthProblem => {
      const message = `${detail.charAt(0).toUpperCase()}${detail.slice(1)}${detail.endsWith('.') ? '' : '.'}`;
      return { part: name, severity: status === 'fail' ? 'not_ready' : 'degraded', message };
    })
    .sort((a, b) => Number(b.severity === 'not_ready') - Number(a.severity === 'not_ready'));
}

export function statusOf(problems: readonly HealthProblem[]): HealthStatus {
  if (problems.some(({ severity }) => severity === 'not_ready')) return 'not_ready';
  return problems.length > 0 ? 'degraded' : 'healthy';
}
