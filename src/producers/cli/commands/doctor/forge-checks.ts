import { type Check, fail, ok, warn } from '../../../../factory/diagnosis/check.ts';
import { ForgeNotNow } from '../../../../factory/ports.ts';
import { proveForge } from '../../../../factory/publishing/forges.ts';
import { isFailure } from '../../../../lib/failure.ts';
import type { Services } from '../../../../services.ts';

/** Asks each forge whether its token is enough. One that is away may be back by the time that it is needed. */
export async function checkForges({ config, state, openForge }: Services): Promise<Check[]> {
  const { forges } = await state.forges().get();
  const missing = config.intake.filter(({ forge }) => !forges.some(({ id }) => id === forge));
  const named = missing.map(({ forge, label }) =>
    fail(
      `forge ${forge}`,
      `intake in config.yaml asks it for issues (${label}), and there is no such forge`,
      `Add it (df forge add --id ${forge} --help), or take it out of config.yaml.`,
    ),
  );
  const looked = await Promise.all(
    forges.map(async (forge): Promise<Check> => {
      const name = `forge ${forge.id}`;
      try {
        const { name: repository } = await proveForge(await openForge(forge), forge.id);
        return ok(name, `${repository}: its token may do what publishing needs`);
      } catch (error) {
        if (!isFailure(error)) throw error;
        const judge = error instanceof ForgeNotNow ? warn : fail;
        return judge(name, error.message, error.hint);
      }
    }),
  );
  return [...named, ...looked];
}
