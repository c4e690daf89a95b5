/** Holds the embedded Redis of the folder in its first argument until its standard input ends. */
import { once } from 'node:events';
import { ensureEmbeddedRedis } from '../../src/queues/embedded/embedded.ts';

const redis = await ensureEmbeddedRedis(process.argv[2] ?? '', { path: process.env['PATH'] ?? '' });
process.stdout.write('up\n');
process.stdin.resume();
await once(process.stdin, 'end');
await redis.release();
