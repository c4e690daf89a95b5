/**
 * Preloaded into processes that are to be measured without durability: nothing waits for the disk. For the benchmark alone;
 * no setting of the program does this.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const done = (_fd, callback) => setImmediate(callback, null);
fs.fsync = done;
fs.fdatasync = done;
fs.fsyncSync = () => {};
fs.fdatasyncSync = () => {};
syncBuiltinESMExports();
