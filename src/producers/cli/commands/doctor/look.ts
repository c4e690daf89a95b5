import { type Check, fail } from '../../../../factory/diagnosis/check.ts';
import { DarkFactoryError } from '../../../../lib/failure.ts';

/** Looks at one thing, by trying it. A DarkFactoryError that it throws is a failed check. */
export type Look = () => Promise<Check | Check[]>;

/** Milliseconds for one look; a service that hangs must not hang the doctor. */
const PATIENCE = 30_000;

/** Runs a look and turns whatever goes wrong in it into a failed check: one broken thing must not hide the others. */
export async function look(name: string, see: Look): Promise<Check[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Check>((resolve) => {
    timer = setTimeout(
      () =>
        resolve(
          fail(name, `no answer within ${PATIENCE / 1_000} s`, 'Look whether the machine is overloaded'),
        ),
      PATIENCE,
    );
  });
  try {
    return [await Promise.race([see(), late])].flat();
  } catch (error) {
    if (error instanceof DarkFactoryError) return [fail(name, error.message, error.hint)];
    const said = error instanceof Error ? error.message : String(error);
    return [fail(name, `could not be checked: ${said.split('\n', 1)[0]}`, 'Please report this')];
  } finally {
    clearTimeout(timer);
  }
}
