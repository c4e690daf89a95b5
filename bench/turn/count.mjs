/**
 * Preloaded into a worker that is to be counted: notes each file that it opens, each sync that it waits for and each program
 * that it starts, and writes them down when it ends. Put beneath `node:fs` and `node:child_process`, where all their ways of
 * doing these things meet. What a program does that the worker started is not seen. For the benchmark alone.
 */
import { constants, readlinkSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';

const target = process.env.DF_BENCH_COUNTS;
const seen = [];
const note = (kind, name) => seen.push([performance.timeOrigin + performance.now(), kind, name]);

/** Calls `before` with the arguments of each call of a method. */
function watch(of, name, before) {
  const real = of[name];
  if (typeof real !== 'function') return;
  of[name] = function (...args) {
    before(...args);
    return real.apply(this, args);
  };
}

function ofDescriptor(fd) {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return `descriptor ${fd}`;
  }
}

const files = process.binding('fs');
const opened = (path, flags) => {
  note('open', String(path));
  // Each write to such a file waits for the disk: to be counted as one sync at the least.
  if (typeof flags === 'number' && (flags & constants.O_DSYNC) !== 0) note('sync', String(path));
};
for (const name of [
  'open',
  'openFileHandle',
  'readFileUtf8',
  'writeFileUtf8',
  'readdir',
  'copyFile',
  'mkdtemp',
])
  watch(files, name, (path, flags) => {
    if (typeof path !== 'number') opened(path, name.startsWith('open') ? flags : undefined);
  });
for (const name of ['fsync', 'fdatasync']) watch(files, name, (fd) => note('sync', ofDescriptor(fd)));

const started = ({ file, args }) => note('program', [basename(file), ...(args ?? []).slice(1)].join(' '));
watch(process.binding('process_wrap').Process.prototype, 'spawn', started);
watch(process.binding('spawn_sync'), 'spawn', started);

if (target !== undefined)
  process.on('exit', () => {
    const text = JSON.stringify(seen);
    writeFileSync(`${target}.${process.pid}`, text);
  });
