import type { NightReport } from '../../factory/report/night/night.ts';
import type { Services } from '../../services.ts';
import { countWorkers } from './workers.ts';

/** The document of `df report --json`. */
export async function nightDocument(
  services: Services,
  since: Date,
  env: NodeJS.ProcessEnv,
): Promise<NightReport> {
  return services.projects.generateNightReport(since, await countWorkers(services, env));
}
