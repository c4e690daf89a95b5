import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeStage, type Stage } from './stage.ts';

/** Linux alone has these calls; their numbers are those of the machine that runs the test. */
const NUMBERS =
  process.arch === 'arm64'
    ? { add: 217, keyctl: 219, shmget: 194, semget: 190, msgget: 186, ring: 425 }
    : { add: 248, keyctl: 250, shmget: 29, semget: 64, msgget: 68, ring: 425 };
const RESERVE = 0x40305828;
const LEASE = 1024;
const DELEGATION = 1040;

const asked = (lines: string) => `python3 - <<'END'
import ctypes, errno, fcntl, os, socket
libc = ctypes.CDLL(None, use_errno=True)
def tell(name, call):
    try:
        done = call()
        failed = done < 0 and ctypes.get_errno()
    except OSError as error:
        failed = error.errno
    print(name, errno.errorcode[failed] if failed else 'done')
call = lambda *all: libc.syscall(*[ctypes.c_long(one) if isinstance(one, int) else one for one in all])
${lines}
END`;

/** Only bubblewrap can be given a filter. */
let stage: Stage;
beforeAll(async () => {
  stage = await makeStage({ sandbox: { mode: 'bubblewrap', memory: 200 * 1024 * 1024 } });
});
afterAll(() => stage.cleanup());

const answers = async (lines: string) => (await stage.run(asked(lines))).output.trim().split('\n');

it('keys of the session are out of reach, and none can be left there for a later command', async () => {
  expect(
    await answers(`
tell('add', lambda: call(${NUMBERS.add}, b'user', b'left', b'x', 1, -3))
tell('search', lambda: call(${NUMBERS.keyctl}, 10, -3, b'user', b'left', 0))`),
  ).toEqual(['add ENOSYS', 'search ENOSYS']);
});

it('A51 metadata: no socket leads to the machine around a virtual one, by whatever call; others can be made', async () => {
  expect(
    await answers(`
def made(family): socket.socket(family, socket.SOCK_STREAM).close(); return 0
tell('vsock', lambda: made(40))
tell('inet', lambda: made(socket.AF_INET))
tell('unix', lambda: made(socket.AF_UNIX))
tell('ring', lambda: call(${NUMBERS.ring}, 1, 0))`),
  ).toEqual(['vsock EAFNOSUPPORT', 'inet done', 'unix done', 'ring ENOSYS']);
});

it('A54 fill-disk: space on the disk is not reserved faster than the watch on it looks; a file can still be given its size', async () => {
  expect(
    await answers(`
file = os.open('big', os.O_RDWR | os.O_CREAT)
tell('fallocate', lambda: libc.fallocate(file, 0, ctypes.c_long(0), ctypes.c_long(1 << 20)))
tell('ioctl', lambda: fcntl.ioctl(file, ${RESERVE}, b'\\0' * 48) and 0)
os.posix_fallocate(file, 0, 4096)
print(os.fstat(file).st_size)
os.unlink('big')`),
  ).toEqual(['fallocate ENOTSUP', 'ioctl ENOTSUP', '4096']);
});

it('memory that is no process’s cannot be had, but for the little that databases share by key', async () => {
  expect(
    await answers(`
tell('memfd', lambda: os.memfd_create('x'))
tell('much', lambda: call(${NUMBERS.shmget}, 0, 100_000_000, 0o1600))
tell('very much', lambda: call(${NUMBERS.shmget}, 0, 1 << 33, 0o1600))
tell('little', lambda: call(${NUMBERS.shmget}, 0, 4096, 0o1600))`),
  ).toEqual(['memfd ENOSYS', 'much EINVAL', 'very much EINVAL', 'little done']);
});

it('memory of the kernel’s for semaphores and messages cannot be had without bound; sets as databases make them, and locks, can be had', async () => {
  expect(
    await answers(`
import multiprocessing
tell('many', lambda: call(${NUMBERS.semget}, 0, 32_000, 0o1600))
tell('more', lambda: call(${NUMBERS.semget}, 0, 129, 0o1600))
tell('some', lambda: call(${NUMBERS.semget}, 0, 20, 0o1600))
tell('queue', lambda: call(${NUMBERS.msgget}, 0, 0o1600))
with multiprocessing.Lock(): print('lock')`),
  ).toEqual(['many EINVAL', 'more EINVAL', 'some done', 'queue ENOSYS', 'lock']);
});

it('A141 leases: nobody who writes outside has to wait for a command: files are leased to none, and can be locked', async () => {
  expect(
    await answers(`
log = os.open('.git', os.O_RDONLY)
tell('shown', lambda: fcntl.fcntl(log, ${LEASE}, fcntl.F_RDLCK))
own = os.open('own', os.O_RDWR | os.O_CREAT)
tell('own', lambda: fcntl.fcntl(own, ${LEASE}, fcntl.F_WRLCK))
tell('folder', lambda: len(fcntl.fcntl(os.open('.', os.O_RDONLY), ${DELEGATION}, b'\\0' * 8)))
tell('lock', lambda: fcntl.lockf(own, fcntl.LOCK_EX) or 0)
tell('flags', lambda: fcntl.fcntl(own, fcntl.F_GETFL))
os.unlink('own')`),
  ).toEqual(['shown EINVAL', 'own EINVAL', 'folder EINVAL', 'lock done', 'flags done']);
});

it.runIf(process.arch === 'x64')(
  'what is refused cannot be had by the numbers of programs of another kind either',
  async () => {
    expect(
      await answers(`
tell('x32', lambda: call(0x40000000 + ${NUMBERS.keyctl}, 0, -3, 0))
import mmap, struct
def i386(number, *all):
    # push rbx; mov eax, number; mov ebx, ecx and edx, all; int 0x80; pop rbx; ret: as a program of 32 bits calls
    values = zip((0xb8, 0xbb, 0xb9, 0xba), (number, *all, 0, 0)[:4])
    text = b'\\x53' + b''.join(struct.pack('<BI', *each) for each in values) + bytes.fromhex('cd805bc3')
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(text)
    failed = -ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
    return errno.errorcode[failed] if failed > 0 else 'done'
print('i386', i386(288, 0, 0), i386(393, 0, 32_000, 0o600), i386(399, 0, 0o600), i386(393, 0, 20, 0o600))
own = os.open('own', os.O_RDWR | os.O_CREAT)
print('i386', *(i386(each, own, ${LEASE}, 1) for each in (55, 221)), i386(55, own, fcntl.F_GETFL))
os.unlink('own')`),
    ).toEqual(['x32 ENOSYS', 'i386 ENOSYS EINVAL ENOSYS done', 'i386 EINVAL EINVAL done']);
  },
);

it('holds for what the starter does not start, and for the file tools', async () => {
  const odd = await stage.run(asked(`tell('memfd', lambda: os.memfd_create('x'))`), { env: { UID: '7' } });
  expect(odd.output).toBe('memfd ENOSYS\n');
  expect(await stage.writeFile('a', 'b')).toMatchObject({ ok: true });
  expect(await stage.readFile('a')).toMatchObject({ ok: true, value: 'b' });
});
