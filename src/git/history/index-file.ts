import { createHash, type Hash } from 'node:crypto';

/** Places within git's index (gitformat-index(5)): the header, then within each entry. */
const HEADER = 12;
const MTIME_AT = 8;
const MODE_AT = 24;
const SIZE_AT = 36;
const ID_AT = 40;

const EMPTY_SHA1 = 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391';
const EMPTY_SHA256 = '473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813';

/**
 * Hash of what an index says the content is: mode, object id and path of every entry. Times, inode numbers and the
 * like do not count.
 *
 * @param idLength 20 (SHA-1) or 32 (SHA-256) bytes
 * @returns `null` for a form of index this does not read (version 4, or none at all): ask git then
 */
export function hashIndex(index: Buffer, idLength: number): string | null {
  if (index.length < HEADER + idLength || index.toString('latin1', 0, 4) !== 'DIRC') return null;
  const version = index.readUInt32BE(4);
  if (version !== 2 && version !== 3) return null;
  const hash = createHash('sha256');
  const end = walk(index, idLength, (at, idEnd, pathAt, pathEnd) => {
    const id = index.toString('hex', at + ID_AT, idEnd);
    addEntry(hash, index.readUInt32BE(at + MODE_AT), id, index.subarray(pathAt, pathEnd));
  });
  return end === null || isSplit(index, end, idLength) ? null : hash.digest('hex');
}

/** Visits every entry; answers with the place behind the last, or `null` when an entry is cut. */
function walk(
  index: Buffer,
  idLength: number,
  visit: (at: number, idEnd: number, pathAt: number, pathEnd: number) => void,
): number | null {
  let at = HEADER;
  for (let left = index.readUInt32BE(8); left > 0; left--) {
    const idEnd = at + ID_AT + idLength;
    if (idEnd + 2 > index.length) return null;
    const extended = (index.readUInt16BE(idEnd) & 0x4000) !== 0;
    const pathAt = idEnd + (extended ? 4 : 2);
    const pathEnd = index.indexOf(0, pathAt);
    if (pathEnd < 0) return null;
    visit(at, idEnd, pathAt, pathEnd);
    // Entries are padded with 1 to 8 NULs to a multiple of eight bytes.
    at += (pathEnd - at + 8) & ~7;
  }
  return at;
}

/**
 * How many entries git must compare by content each time, because file and index have the same second, or because git
 * marked them so (size 0). Refreshing the index a second later cures them.
 *
 * @param second modification time of the index in whole seconds
 */
export function countRacy(index: Buffer, idLength: number, second: number): number {
  const emptyBlob = idLength === 20 ? EMPTY_SHA1 : EMPTY_SHA256;
  let racy = 0;
  walk(index, idLength, (at) => {
    const isSmudged =
      index.readUInt32BE(at + SIZE_AT) === 0 &&
      index.toString('hex', at + ID_AT, at + ID_AT + idLength) !== emptyBlob;
    if (isSmudged || index.readUInt32BE(at + MTIME_AT) >= second) racy += 1;
  });
  return racy;
}

/** The same hash from the output of `git ls-files -z --stage`. */
export function hashStage(output: Buffer): string {
  const hash = createHash('sha256');
  for (const row of output.toString('latin1').split('\0')) {
    const [, mode, id, path] = /^(\d+) ([0-9a-f]+) \d\t(.*)$/s.exec(row) ?? [];
    if (mode === undefined || id === undefined || path === undefined) continue;
    addEntry(hash, Number.parseInt(mode, 8), id, Buffer.from(path, 'latin1'));
  }
  return hash.digest('hex');
}

function addEntry(hash: Hash, mode: number, id: string, path: Buffer): void {
  hash.update(`${mode.toString(8)} ${id}\t`);
  hash.update(path);
  hash.update('\0');
}

/** A split index keeps its entries in another file, which the extension `link` names. */
function isSplit(index: Buffer, from: number, idLength: number): boolean {
  let at = from;
  while (at + 8 <= index.length - idLength) {
    if (index.toString('latin1', at, at + 4) === 'link') return true;
    at += 8 + index.readUInt32BE(at + 4);
  }
  return false;
}
