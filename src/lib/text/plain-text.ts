const ESC = '\u001b';
const BEL = '\u0007';
/** End of a string sequence, as one character. */
const ST = '\u009c';

/** Introducers of a string sequence, as one character. */
const OPENERS = '\u0090\u0098\u009d-\u009f';

/**
 * Titles, clipboard, links: an introducer, any text, an end. Without an end only the introducer is neutralised. The text holds
 * no introducer, so that no part of it is looked at twice.
 */
const STRING_SEQUENCE = new RegExp(
  `(?:${ESC}[\\]PX^_]|[${OPENERS}])[^${BEL}${ESC}${ST}${OPENERS}]*(?:${BEL}|${ESC}\\\\|${ST})`,
  'g',
);
/** Colours, cursor, erasing. */
const CONTROL_SEQUENCE = new RegExp(`(?:${ESC}\\[|\u009b)[0-?]*[ -/]*[@-~]`, 'g');
/** Reset, character sets and the like. */
const SHORT_SEQUENCE = new RegExp(`${ESC}[ -/]*[0-OQ-WYZ\`-~]`, 'g');
/** Nearly every text: nothing in it steers anything. */
const HARMLESS = /^[\x20-\x7e\n\t]*$/;
const LINE_END = /\r\n?/g;
/** Control characters, and the characters that turn the direction of text around or end lines unseen. */
const UNSAFE = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
/** Unicode has a picture for each control character below the space, in the same order. */
const PICTURES = 0x2400;
const PICTURE_OF_DELETE = '\u2421';

/**
 * Text that a terminal or a model can be shown without being steered by it.
 *
 * Well-formed escape sequences (colours, cursor moves, titles, clipboard, links) are removed; every other control
 * character but tab and line feed becomes a visible stand-in (ESC becomes `␛`); a lone carriage return becomes a line feed,
 * so that a line cannot be painted over; characters that reorder text become `<U+202E>`.
 *
 * Takes linear time on any input and never throws.
 */
export function plainText(text: string): string {
  // Five times as fast, for lists of ten thousand rows.
  if (HARMLESS.test(text)) return text;
  return text
    .replace(STRING_SEQUENCE, '')
    .replace(CONTROL_SEQUENCE, '')
    .replace(SHORT_SEQUENCE, '')
    .replace(LINE_END, '\n')
    .replace(UNSAFE, standIn);
}

function standIn(character: string): string {
  if (character === '\n' || character === '\t') return character;
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(PICTURES + code);
  if (code === 0x7f) return PICTURE_OF_DELETE;
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}
