/** Writes 500 lines to the log in the folder of its first argument. */
import { createLog } from '../../src/lib/log.ts';

const log = createLog({ folder: process.argv[2] ?? '', level: 'info', now: () => new Date() });
for (let i = 0; i < 500; i += 1) log.info({ filler: 'y'.repeat(300) }, `theirs ${i}`);
await log.close();
