import fc from 'fast-check';

const SURROGATES = 0x800;

/** Any character of Unicode. That of fast-check can also be read back, by a table of a million characters that takes long to make. */
const character = fc
  .integer({ min: 0, max: 0x10ffff - SURROGATES })
  .map((number) => String.fromCodePoint(number < 0xd800 ? number : number + SURROGATES));

/** Text of any characters, without halves of a pair. */
export const anyText = (lengths: { minLength?: number; maxLength?: number } = {}) =>
  fc.string({ unit: character, ...lengths });
