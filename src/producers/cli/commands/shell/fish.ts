import type { Flag, Place, Values } from './tables.ts';

export function fishScript(places: readonly Place[]): string {
  return `# Completion of Dark Factory for fish: save it as df.fish in ~/.config/fish/completions.
function __dark_factory_path
    set -l known ${places
      .flatMap(({ paths }) => paths)
      .filter((path) => path !== '')
      .map((path) => word(` ${path}`))
      .join(' ')}
    set -l path ''
    set -l words (commandline -opc)
    for each in $words[2..-1]
        if contains -- "$path $each" $known
            set path "$path $each"
        else if not string match -q -- '-*' $each
            break
        end
    end
    echo $path
end
function __dark_factory_at
    set -l path (__dark_factory_path)
    test "$path" = "$argv[1]"
end
function __dark_factory_names
    set -l words (commandline -opc)
    $words[1] __complete $argv[1] -- (commandline -ct) 2>/dev/null
end
${places.flatMap((place) => place.paths.flatMap((path) => linesOf(path, place))).join('\n')}
complete -c dark-factory -w df
`;
}

function linesOf(path: string, { commands, flags, argument }: Place): string[] {
  const line = (...parts: string[]) =>
    `complete -c df -n ${word(`__dark_factory_at ${word(path === '' ? '' : ` ${path}`)}`)} ${parts.join(' ')}`;
  const names = valueParts(argument);
  return [
    ...commands.map(({ name, help }) => line(...(path === '' ? [] : ['-f']), '-a', name, '-d', word(help))),
    ...flags.map((flag) => line(...flagParts(flag))),
    ...(argument === 'text' || argument === 'files' ? [] : [line('-f', ...names)]),
  ];
}

function flagParts({ names, help, value }: Flag): string[] {
  const kinds = names.flatMap((name) =>
    name.startsWith('--') ? ['-l', name.slice(2)] : ['-s', name.slice(1)],
  );
  const takes = value === undefined ? [] : value === 'files' ? ['-r'] : ['-x', ...valueParts(value)];
  return [...kinds, ...takes, '-d', word(help)];
}

function valueParts(values: Values): string[] {
  if (typeof values === 'string') return [];
  return [
    '-a',
    word('words' in values ? values.words.join(' ') : `(__dark_factory_names ${values.subject})`),
  ];
}

/** Between single quotes fish reads two escapes. */
const word = (text: string): string => `'${text.replace(/['\\]/g, '\\$&')}'`;
