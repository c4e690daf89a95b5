import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { makeHome } from '../../support/home.ts';

const PROGRAM = fileURLToPath(new URL('../../../dist/bin/df.js', import.meta.url));

/** What each command ended with and said, on a small disk of which nothing is left after the first ones. */
async function onSmallDisk(script: string): Promise<string[]> {
  const disk = ['--dev-bind', '/', '/', '--size', '1500000', '--tmpfs', '/mnt'];
  const child = spawn('bwrap', [...disk, 'sh', '-c', script], {
    env: {
      PATH: process.env['PATH'],
      HOME: '/mnt',
      DF_HOME: '/mnt/home',
      df: PROGRAM,
      node: process.execPath,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  await new Promise((resolve) => child.once('close', resolve));
  return said.trim().split('\n');
}

it.runIf(process.platform === 'linux')(
  'A28 disk-full: without a byte left each command says so in words with exit code 4, one that only reads works, and df stop --all halts',
  async () => {
    const home = await makeHome();
    onTestFinished(home.cleanup);
    const lines = await onSmallDisk(`
      git init -q /mnt/repo && cd /mnt/repo
      git -c user.name=a -c user.email=a@b.c commit -q --allow-empty -m first
      try() { "$node" "$df" "$@" >/tmp/$$.said 2>&1; echo "$1 $? $(grep -c 'disk is full' /tmp/$$.said) $(grep -c unexpected /tmp/$$.said)"; }
      "$node" "$df" init solo -d x --no-test --no-setup >/dev/null
      id=$(ls /mnt/home/data/projects)
      head -c 3000000 /dev/zero > /mnt/fill 2>/dev/null
      for command in "status $id" list "start $id" "pause $id" "tasks add $id more" "init second -d x --no-test --no-setup" \\
        "provider add --name openai --model gpt-4o --api-key sk-none" up clean "stop --all"; do try $command; done
      ls /mnt/home/STOP; rm -f /tmp/$$.said`);
    expect(lines).toEqual([
      'status 0 0 0',
      'list 0 0 0',
      // Here it is the embedded Redis that finds no room.
      'start 4 0 0',
      'pause 4 1 0',
      'tasks 4 1 0',
      'init 4 1 0',
      'provider 4 1 0',
      'up 4 0 0',
      'clean 0 0 0',
      'stop 0 0 0',
      '/mnt/home/STOP',
    ]);
  },
);
