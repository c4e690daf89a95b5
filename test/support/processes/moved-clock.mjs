/**
 * Preloaded into processes whose clock a test moves: the file that DF_TEST_CLOCK names holds the milliseconds by which it is ahead. As
 * when a machine has slept, files keep the times at which they were written. For tests alone; no setting of the program does this.
 */
import { readFileSync, watchFile } from 'node:fs';

const RealDate = Date;
let ahead = 0;

const look = () => {
  ahead = Number(readFileSync(process.env.DF_TEST_CLOCK, 'utf8'));
};

globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + ahead);
    else super(...given);
  }
  static now() {
    return RealDate.now() + ahead;
  }
};

look();
watchFile(process.env.DF_TEST_CLOCK, { interval: 100, persistent: false }, look);
