import { shellQuote } from '../../../../lib/text/shell-quote.ts';
import type { Place } from './tables.ts';
import { valueCases, valuesText } from './values.ts';

/** Where nothing of ours fits, bash offers files: the name is the system's `df` as well. */
export function bashScript(places: readonly Place[]): string {
  return `# Completion of Dark Factory for bash: put it where bash-completion looks, or source it.
_dark_factory_place() {
  commands= flags= valued= argument=text
  case $1 in
${places.map(placeLine).join('\n')}
  esac
}
_dark_factory_value() {
  case "$1 $2" in
${valueCases(places)}
    *) kind=text ;;
  esac
}
_dark_factory_offer() {
  local name
  case $1 in
    files | text) ;;
    @*)
      while IFS= read -r name; do COMPREPLY+=("$(printf %q "$name")"); done \\
        < <("\${COMP_WORDS[0]}" __complete "\${1#@}" -- "$cur" 2>/dev/null)
      ;;
    *) while IFS= read -r name; do COMPREPLY+=("$name"); done < <(compgen -W "$1" -- "$cur") ;;
  esac
}
_dark_factory() {
  local cur=\${COMP_WORDS[COMP_CWORD]} path= place=0 option= word i commands flags valued argument kind
  COMPREPLY=()
  [[ $cur == = ]] && cur=
  _dark_factory_place ''
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ $word == = ]]; then
      continue
    elif [[ $option ]]; then
      option=
    elif [[ " $valued " == *" $word "* ]]; then
      option=$word
    elif [[ $word == -* ]]; then
      continue
    elif ((place == 0)) && [[ " $commands " == *" $word "* ]]; then
      path="\${path:+$path }$word"
      _dark_factory_place "$path"
    else
      ((place += 1))
    fi
  done
  if [[ $option ]]; then
    _dark_factory_value "$path" "$option"
    _dark_factory_offer "$kind"
  elif [[ $cur == -* ]]; then
    [[ $path ]] && _dark_factory_offer "$flags"
  elif ((place == 0)); then
    _dark_factory_offer "$commands"
    _dark_factory_offer "$argument"
  fi
}
complete -o bashdefault -o default -F _dark_factory df dark-factory
`;
}

function placeLine({ paths, commands, flags, argument }: Place): string {
  const names = (of: typeof flags) => shellQuote(of.flatMap((flag) => flag.names).join(' '));
  const parts = [
    `commands=${shellQuote(commands.map(({ name }) => name).join(' '))}`,
    `flags=${names(flags)}`,
    `valued=${names(flags.filter(({ value }) => value !== undefined))}`,
    `argument=${shellQuote(valuesText(argument))}`,
  ];
  return `    ${paths.map(shellQuote).join('|')}) ${parts.join(' ')} ;;`;
}
