import { constants } from 'node:os';

/*
 * What namespaces and mounts do not keep in, the kernel refuses by the number of the system call, as a program for its
 * filter (seccomp). Each is refused as a kernel refuses that was built without it: programs know that answer.
 */

/** 32 bits of `struct seccomp_data` each. */
const [NUMBER, ABI] = [0, 4];
const argument = (index: number, half: 'low' | 'high') => 16 + 8 * index + (half === 'low' ? 0 : 4);

const LOAD = 0x20;
const AND = 0x54;
const JUMP_IF_SAME = 0x15;
const JUMP_IF_GREATER = 0x25;
const RETURN = 0x06;
const ALLOW = 0x7fff0000;
const REFUSE = 0x00050000;

type Instruction = readonly [code: number, value: number, then: number, otherwise: number];
type Calls = Readonly<Record<keyof typeof REFUSED, number>>;

const VSOCK = 40;
/** Of memory that processes share by key; a database asks for less, and there can be four thousand of them. Bytes. */
const LARGEST_SHARED = 64 * 1024;
/** Semaphores in a set; databases ask for some twenty. As many sets as there can be take as much memory as all that is shared. */
const LARGEST_SET = 128;
/** Preallocation by `ioctl`; the upper half of these numbers is the size of what it is told. */
const PREALLOCATIONS = [0x5828, 0x582a, 0x5839];
/** Leases of files, and delegations of folders as well, which newer kernels have. */
const LEASES = [1024, 1040];
const { ENOSYS, EOPNOTSUPP, EAFNOSUPPORT, EINVAL } = constants.errno;

const always = (errno: number): Instruction[] => [refuse(errno)];
// Of a file that is shown read-only, too: whoever writes it outside waits for the command, up to 45 seconds each time.
const leases: readonly Instruction[] = [
  [LOAD, argument(1, 'low'), 0, 0],
  ...LEASES.flatMap((each): Instruction[] => [[JUMP_IF_SAME, each, 0, 1], refuse(EINVAL)]),
];
const REFUSED = {
  // The owner's keys, which come with the session and are in no namespace; and a place to leave something for later commands.
  addKey: always(ENOSYS),
  requestKey: always(ENOSYS),
  keyctl: always(ENOSYS),
  // Sockets to the machine around a virtual one: no network namespace holds them.
  socket: [[LOAD, argument(0, 'low'), 0, 0], [JUMP_IF_SAME, VSOCK, 0, 1], refuse(EAFNOSUPPORT)],
  // Space on the disk in no time, which the watch on the disk sees when there is none left. Who asks for it writes instead.
  fallocate: always(EOPNOTSUPP),
  ioctl: [
    [LOAD, argument(1, 'low'), 0, 0],
    [AND, 0xffff, 0, 0],
    ...PREALLOCATIONS.flatMap((each): Instruction[] => [[JUMP_IF_SAME, each, 0, 1], refuse(EOPNOTSUPP)]),
  ],
  // Memory that is no process's, and so none that the watch on the tree counts.
  memfdCreate: always(ENOSYS),
  shmget: [
    [LOAD, argument(1, 'high'), 0, 0],
    [JUMP_IF_SAME, 0, 1, 0],
    refuse(EINVAL),
    [LOAD, argument(1, 'low'), 0, 0],
    [JUMP_IF_GREATER, LARGEST_SHARED, 0, 1],
    refuse(EINVAL),
  ],
  semget: [[LOAD, argument(1, 'low'), 0, 0], [JUMP_IF_GREATER, LARGEST_SET, 0, 1], refuse(EINVAL)],
  // Its size is not among the arguments, and what empty messages take is counted nowhere: a megabyte in each of 32,000 queues.
  msgget: always(ENOSYS),
  fcntl: leases,
  /** The same for programs of 32 bits that know of large files. */
  fcntl64: leases,
  // It makes sockets and reserves space by itself, past this filter.
  ioUring: always(ENOSYS),
  // Calls that are several in one, by their first argument; only older programs of 32 bits make them.
  socketcall: always(ENOSYS),
  ipc: always(ENOSYS),
} as const satisfies Record<string, readonly Instruction[]>;

/** No number of a call: where there is none. */
const NONE = 0xffffffff;
/** The kernel's name of each way to call it, and its numbers. */
const ABIS: Readonly<Record<string, readonly { name: number; calls: Calls }[]>> = {
  x64: [
    {
      name: 0xc000003e,
      calls: numbers(248, 249, 250, 41, 285, 16, 319, 29, 64, 68, 72, NONE, 425, NONE, NONE),
    },
    {
      name: 0x40000003,
      calls: numbers(286, 287, 288, 359, 324, 54, 356, 395, 393, 399, 55, 221, 425, 102, 117),
    },
  ],
  arm64: [
    {
      name: 0xc00000b7,
      calls: numbers(217, 218, 219, 198, 47, 29, 279, 194, 190, 186, 25, NONE, 425, NONE, NONE),
    },
    {
      name: 0x40000028,
      calls: numbers(309, 310, 311, 281, 352, 54, 385, 307, 299, 303, 55, 221, 425, 102, 117),
    },
  ],
};
/** The third way to call an x64 kernel has the numbers of the first, from here on. Nobody uses it. */
const X32 = 0x40000000;

/** @returns the filter as bubblewrap reads it; `null` for processors whose numbers are not known here */
export function systemCallFilter(arch: string = process.arch): Buffer | null {
  const abis = ABIS[arch];
  if (abis === undefined) return null;
  const all: Instruction[] = [[LOAD, ABI, 0, 0]];
  for (const { name, calls } of abis) {
    const rules = rulesOf(calls);
    all.push([JUMP_IF_SAME, name, 0, rules.length], ...rules);
  }
  all.push(refuse(ENOSYS));
  return Buffer.concat(all.map(encode));
}

function rulesOf(calls: Calls): Instruction[] {
  const rules: Instruction[] = [[LOAD, NUMBER, 0, 0], [JUMP_IF_GREATER, X32 - 1, 0, 1], refuse(ENOSYS)];
  for (const [call, number] of Object.entries(calls)) {
    if (number === NONE) continue;
    const rule: readonly Instruction[] = REFUSED[call as keyof typeof REFUSED];
    // One that is not refused has lost its number by then, and is decided.
    rules.push([JUMP_IF_SAME, number, 0, rule.length + 1], ...rule, [RETURN, ALLOW, 0, 0]);
  }
  rules.push([RETURN, ALLOW, 0, 0]);
  return rules;
}

function refuse(errno: number): Instruction {
  return [RETURN, REFUSE | errno, 0, 0];
}

/** In the order of `REFUSED`. */
function numbers(...all: number[]): Calls {
  return Object.fromEntries(Object.keys(REFUSED).map((call, at) => [call, all[at] ?? NONE])) as Calls;
}

function encode([code, value, then, otherwise]: Instruction): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(then, 2);
  bytes.writeUInt8(otherwise, 3);
  bytes.writeUInt32LE(value >>> 0, 4);
  return bytes;
}
