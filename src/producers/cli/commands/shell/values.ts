import { shellQuote } from '../../../../lib/text/shell-quote.ts';
import type { Flag, Place, Values } from './tables.ts';

/** `@project` is asked of the program when it is needed. */
export function valuesText(values: Values): string {
  if (typeof values === 'string') return values;
  return 'words' in values ? values.words.join(' ') : `@${values.subject}`;
}

/** Options that take a value, each with its command. */
const valued = (places: readonly Place[]): { place: Place; flag: Flag; value: Values }[] =>
  places.flatMap((place) =>
    place.flags.flatMap((flag) => (flag.value === undefined ? [] : [{ place, flag, value: flag.value }])),
  );

/** For `case "<command> <option>"` of a POSIX shell: what follows the option. */
export function valueCases(places: readonly Place[]): string {
  return valued(places)
    .map(({ place, flag, value }) => {
      const keys = place.paths.flatMap((path) => flag.names.map((name) => shellQuote(`${path} ${name}`)));
      return `    ${keys.join('|')}) kind=${shellQuote(valuesText(value))} ;;`;
    })
    .join('\n');
}
