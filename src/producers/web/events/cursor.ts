/** Places in the logs of many projects, small enough for a header. */

/** How many events of each project were sent, by its id; those that are not named: all until `floor`. */
export interface Place {
  sent: ReadonlyMap<string, number>;
  /** Events of projects that are not in `sent` are news if they are later than this. */
  floor: Date;
}

/** A project that was silent for so long is left out: whatever it says next is later than the floor. Milliseconds. */
const SILENT_MS = 10 * 60_000;
/** More would not fit into the header that brings it back. */
const MOST = 150;

/** Follows what was sent, and writes it down as an id of server-sent events. */
export interface Cursor {
  place(): Place;
  /** Notes that the `count`th event of a project was sent. @returns the id for it */
  advance(projectId: string, count: number, at: Date): string;
}

export function createCursor(start: Place): Cursor {
  const sent = new Map([...start.sent].map(([id, count]) => [id, { count, at: start.floor }]));
  let { floor } = start;
  /** Oldest first, since a project goes to the end whenever it says something. */
  function forget(now: Date): void {
    for (const [id, { at }] of sent) {
      if (sent.size <= MOST && now.getTime() - at.getTime() < SILENT_MS) break;
      sent.delete(id);
      if (at > floor) floor = at;
    }
  }
  return {
    place: () => ({ sent: new Map([...sent].map(([id, { count }]) => [id, count])), floor }),
    advance(projectId, count, at) {
      sent.delete(projectId);
      sent.set(projectId, { count, at });
      forget(at);
      return writeId({ sent: new Map([...sent].map(([id, each]) => [id, each.count])), floor });
    },
  };
}

/** `<floor>~<project>.<count>~…`, numbers in base 36 and ids without their dashes. */
function writeId({ sent, floor }: Place): string {
  const parts = [...sent].map(([id, count]) => `${id.replaceAll('-', '')}.${count.toString(36)}`);
  return [floor.getTime().toString(36), ...parts].join('~');
}

const ID = /^[0-9a-z]{1,12}(~[0-9a-f]{32}\.[0-9a-z]{1,8})*$/;

/** @returns `null` for what `advance` never wrote */
export function readId(text: string): Place | null {
  if (!ID.test(text)) return null;
  const [floor = '', ...parts] = text.split('~');
  const sent = parts.map((part): [string, number] => {
    const [id = '', count = ''] = part.split('.');
    return [id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'), Number.parseInt(count, 36)];
  });
  return { sent: new Map(sent), floor: new Date(Number.parseInt(floor, 36)) };
}
