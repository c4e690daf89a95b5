import { shellQuote } from '../../../../lib/text/shell-quote.ts';
import type { Place } from './tables.ts';
import { valueCases, valuesText } from './values.ts';

/** Works from a folder of `fpath`, and sourced after `compinit`. */
export function zshScript(places: readonly Place[]): string {
  return `#compdef df dark-factory
# Completion of Dark Factory for zsh: save it as _df in a folder of fpath, or source it after compinit.
_dark_factory_place() {
  commands=() flags=() valued=() argument=text
  case $1 in
${places.map(placeLines).join('\n')}
  esac
}
_dark_factory_value() {
  case "$1 $2" in
${valueCases(places)}
    *) kind=text ;;
  esac
}
_dark_factory_offer() {
  local -a names
  case $1 in
    files) _files ;;
    text) ;;
    @*)
      names=(\${(f)"$($words[1] __complete \${1#@} -- "$PREFIX" 2>/dev/null)"})
      compadd -a names
      ;;
    *) compadd -- \${=1} ;;
  esac
}
_dark_factory() {
  local at='' word option='' argument kind
  local -a commands flags valued
  integer place=0 i
  _dark_factory_place ''
  for ((i = 2; i < CURRENT; i++)); do
    word=$words[i]
    if [[ -n $option ]]; then
      option=''
    elif (( $valued[(Ie)$word] )); then
      option=$word
    elif [[ $word == -* ]]; then
      continue
    elif (( place == 0 )) && [[ -n \${(M)commands:#$word:*} ]]; then
      at="\${at:+$at }$word"
      _dark_factory_place "$at"
    else
      (( place += 1 ))
    fi
  done
  if [[ -n $option ]]; then
    _dark_factory_value "$at" "$option"
    _dark_factory_offer "$kind"
  elif [[ -n $at && $PREFIX == -* ]]; then
    _describe -o option flags
  elif (( place == 0 )); then
    (( $#commands )) && _describe command commands
    _dark_factory_offer "$argument"
    [[ -z $at ]] && _files
  else
    _files
  fi
}
if [[ $funcstack[1] == _df ]]; then
  _dark_factory "$@"
else
  compdef _dark_factory df dark-factory
fi
`;
}

function placeLines({ paths, commands, flags, argument }: Place): string {
  const described = (name: string, help: string) => shellQuote(`${name}:${help}`);
  const lines = [
    `commands=(${commands.map(({ name, help }) => described(name, help)).join(' ')})`,
    `flags=(${flags.flatMap(({ names, help }) => names.map((name) => described(name, help))).join(' ')})`,
    `valued=(${flags.flatMap(({ names, value }) => (value === undefined ? [] : names)).join(' ')})`,
    `argument=${shellQuote(valuesText(argument))}`,
  ];
  return `    ${paths.map(shellQuote).join('|')})\n${lines.map((line) => `      ${line}`).join('\n')}\n      ;;`;
}
