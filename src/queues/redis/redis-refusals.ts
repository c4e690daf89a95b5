import { DarkFactoryError } from '../../lib/failure.ts';

/** Redis is there and says no, in its own words: trying again would change nothing. */
interface Refusal {
  words: RegExp;
  code: string;
  /** After "Redis at …". */
  what: string;
  hint: string;
}

/** What jobs, the meter and looks at them need of an ACL user. @param prefix of all keys of this home */
const rights = (prefix: string) =>
  `Let the user have: ~${prefix}* &* +@all -@admin -@dangerous +info +client|list (ACL SETUSER).`;

const REFUSALS: readonly Refusal[] = [
  {
    words: /CROSSSLOT|^MOVED |^ASK |CLUSTERDOWN|in cluster mode/,
    code: 'redis_cluster',
    what: 'runs in cluster mode, where the keys of one job lie on several servers',
    hint: 'Use a single Redis (or Sentinel’s primary) for the factory; without redis.url an embedded one is used.',
  },
  {
    words: /^READONLY|can't write against a read only/,
    code: 'redis_replica',
    what: 'is a replica that can only be read',
    hint: 'Put the address of its primary into REDIS_URL or redis.url.',
  },
  {
    words: /ERR DB index|invalid DB index/,
    code: 'redis_refused',
    what: 'does not have this database',
    hint: 'Put the number of a database that it has at the end of the address: redis://host:port/0.',
  },
  {
    words: /NOPERM|No permissions to|ACL failure|no permissions to/i,
    code: 'redis_not_allowed',
    what: 'does not let its user do what the factory needs',
    hint: '',
  },
  {
    words: /^(WRONGPASS|NOAUTH|ERR AUTH|ERR invalid password|ERR Client sent AUTH)/,
    code: 'redis_refused',
    what: 'refuses us',
    hint: 'Put the right user and password into REDIS_URL or redis.url: redis://user:password@host:port/0.',
  },
  {
    words: /unknown (?:command|subcommand)|command is not supported|not supported by the proxy/i,
    code: 'redis_incapable',
    what: 'does not know a command that the factory needs',
    hint: 'Use Redis 6.2 or Valkey 7.2 and newer, and connect to it without a proxy in between.',
  },
  {
    words: /^MISCONF/,
    code: 'redis_misconfigured',
    what: 'takes no writes, since it cannot save to its disk',
    hint: 'Look at its log and at the free space; it takes writes again after the next save.',
  },
];

/** @param prefix of the keys of this home, where it is known */
export function refusalOf(where: string, error: unknown, prefix = '<redis.prefix>'): DarkFactoryError | null {
  if (!(error instanceof Error)) return null;
  const row = REFUSALS.find(({ words }) => words.test(error.message));
  if (row === undefined) return null;
  const said = error.message.replace(/\s+/g, ' ').slice(0, 300);
  return new DarkFactoryError(
    'environment',
    row.code,
    `Redis at ${where} ${row.what}: ${said}`,
    row.hint === '' ? rights(prefix) : row.hint,
    { cause: error },
  );
}
