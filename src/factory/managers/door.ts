import type * as z from 'zod';
import { type DarkFactoryError, usageError } from '../../lib/failure.ts';
import { placeAndProblem } from '../../lib/schema.ts';

/** What a function takes, in order, by the names of its arguments. */
export type Arguments = Readonly<Record<string, z.ZodType>>;

/** What each method of a manager takes. */
export type ArgumentsOf<Manager> = { readonly [Method in keyof Manager]: Arguments };

type Call = (...given: readonly unknown[]) => unknown;

/**
 * The manager, with arguments looked at before a method is called: programs that no compiler has read pass anything. Nothing is made
 * of them, what a document must be is judged by its method.
 *
 * Its methods throw `usage`/`argument_invalid`.
 *
 * @param atOnce methods that answer without a promise
 */
export function guarded<Manager extends object>(
  name: string,
  manager: Manager,
  takes: ArgumentsOf<Manager>,
  atOnce: readonly (keyof Manager)[] = [],
): Manager {
  const methods = Object.entries<Arguments>(takes).map(([method, wanted]): [string, Call] => {
    const real = (given: readonly unknown[]) => (manager as Record<string, Call>)[method]?.(...given);
    const call: Call = (...given) => {
      requireArguments(`${name}.${method}`, wanted, given);
      return real(given);
    };
    const isAtOnce = atOnce.some((each) => each === method);
    return [method, isAtOnce ? call : async (...given) => call(...given)];
  });
  return Object.fromEntries(methods) as Manager;
}

/** Throws `usage`/`argument_invalid`, which says which argument of which function is missing or of another kind. */
export function requireArguments(called: string, wanted: Arguments, given: readonly unknown[]): void {
  for (const [place, [name, schema]] of Object.entries(wanted).entries()) {
    const parsed = schema.safeParse(given[place]);
    if (!parsed.success) throw unusable(called, wanted, name, given[place], parsed.error);
  }
}

function unusable(
  called: string,
  wanted: Arguments,
  name: string,
  given: unknown,
  { issues: [issue] }: z.ZodError,
): DarkFactoryError {
  const names = Object.entries(wanted).map(([each, schema]) =>
    schema.safeParse(undefined).success ? `${each}?` : each,
  );
  return usageError(
    'argument_invalid',
    `The argument ${name} of ${called} ${given === undefined ? 'is missing' : `cannot be used: ${placeAndProblem(issue)}`}`,
    `Nothing was changed. It is called as ${called}(${names.join(', ')}).`,
  );
}
