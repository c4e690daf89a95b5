import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { buildScript, noexecFolders } from '../../src/sandbox/mechanisms/unshare.ts';
import type { Mount } from '../../src/sandbox/mounts/mounts.ts';
import { markedInListing } from '../../src/sandbox/run/kill.ts';

const FILE = fileURLToPath(import.meta.url);

describe('the script of the unshare fallback', () => {
  const plan = {
    mounts: [
      { kind: 'read-only', source: "/it's a\tfolder#1", target: "/it's a\tfolder#1" },
      { kind: 'writable', source: '/noexec/wt', target: '/noexec/wt' },
      { kind: 'scratch', target: '/tmp', bytes: 7 },
      { kind: 'read-only', source: FILE, target: '/home/venv/pyvenv.cfg' },
    ] satisfies Mount[],
    root: '/private/root',
    devices: '/private/devices',
    setpriv: '/usr/bin/setpriv',
    cwd: '/noexec/wt',
    noexec: ['/noexec'],
  };
  const script = buildScript(plan);

  it('writes a path so that neither shell nor mount table breaks it up', () => {
    expect(script).toContain(
      "/it'\\''s\\040a\\011folder\\0431 /private/root/it'\\''s\\040a\\011folder\\0431 none rbind,nosuid,nodev,ro",
    );
  });

  it('shows a file where no folder around it is shown', () => {
    expect(script).toContain(
      `[ -e '/private/root/home/venv/pyvenv.cfg' ] || : > '/private/root/home/venv/pyvenv.cfg'\nprintf '%s\\n' '${FILE} /private/root/home/venv/pyvenv.cfg none bind`,
    );
  });

  it('keeps noexec where the host has it, for the kernel insists', () => {
    expect(script).toContain('/noexec/wt /private/root/noexec/wt none rbind,nosuid,nodev,rw,noexec');
  });

  it('keeps it for a single file, too', () => {
    const line = `${FILE} /private/root/home/venv/pyvenv.cfg none bind,nosuid,nodev,ro`;
    expect(script).toContain(`${line},X-mount.mkdir`);
    expect(buildScript({ ...plan, noexec: [dirname(FILE)] })).toContain(`${line},noexec,X-mount.mkdir`);
  });

  it('gives up every right before the command starts', () => {
    expect(script.split('\n').at(-1)).toBe(
      `exec '/usr/bin/setpriv' --no-new-privs --bounding-set=-all --inh-caps=-all --ambient-caps=-all -- "$@"`,
    );
  });

  it('finds the mount points that forbid programs', () => {
    const mountinfo = [
      '22 1 254:0 / / rw,relatime - ext4 /dev/vda rw',
      '30 22 0:25 / /tmp\\040x rw,nosuid,nodev,noexec - tmpfs tmpfs rw,size=1k',
      '31 22 0:26 / /noexec rw - tmpfs noexec rw',
      '',
    ].join('\n');
    expect(noexecFolders(mountinfo)).toEqual(['/tmp x']);
  });
});

describe('processes by their mark where there is no /proc', () => {
  it('finds those whose line holds the mark as a word', () => {
    const listing =
      '  12 sleep 9 PATH=/bin DF_RUN=abc HOME=/\n 345 sh -c x XDF_RUN=abc\n 400 sh DF_RUN=abcd\n 500 node DF_RUN=abc\n';
    expect(markedInListing(listing, 'DF_RUN=abc')).toEqual([12, 500]);
  });
});
