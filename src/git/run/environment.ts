import { isAbsolute } from 'node:path';

/** Variables as Node hands them over. */
export type Variables = Record<string, string | undefined>;

/**
 * What git may know of the environment it was started from. Of the many `GIT_*` only those that say where the owner's
 * own configuration lies are kept; every other (`GIT_DIR`, `GIT_INDEX_FILE`, `GIT_EXTERNAL_DIFF`, `GIT_SSH_COMMAND`,
 * `GIT_CONFIG_COUNT` …) could change what is read, written or run.
 */
const KEPT = [
  'HOME',
  'XDG_CONFIG_HOME',
  'USER',
  'LOGNAME',
  'TMPDIR',
  'GIT_CONFIG_GLOBAL',
  'GIT_CONFIG_SYSTEM',
  'GIT_CONFIG_NOSYSTEM',
];

const FIXED = {
  LC_ALL: 'C',
  GIT_TERMINAL_PROMPT: '0',
  GIT_ASKPASS: 'false',
  SSH_ASKPASS: 'false',
  GIT_SSH_COMMAND: 'false',
  GIT_EDITOR: ':',
  GIT_SEQUENCE_EDITOR: ':',
  GIT_PAGER: 'cat',
  /** No transport has this name: git of the factory never talks to another repository, not even to fetch lazily. */
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_PROTOCOL_FROM_USER: '0',
  GIT_NO_LAZY_FETCH: '1',
  GIT_OPTIONAL_LOCKS: '0',
  /** File names are names, not patterns. */
  GIT_LITERAL_PATHSPECS: '1',
};

/** The environment of every git that the factory starts: rebuilt, never inherited. */
export function gitEnvironment(outside: Variables): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of KEPT) {
    const value = outside[name];
    if (value !== undefined) kept[name] = value;
  }
  return { ...kept, ...FIXED, PATH: absolutePath(outside['PATH']) };
}

/** A relative entry (`.`, an empty one) would look for programs in the folder that happens to be current. */
function absolutePath(path: string | undefined): string {
  const entries = (path ?? '').split(':').filter((entry) => isAbsolute(entry));
  return entries.length === 0 ? '/usr/local/bin:/usr/bin:/bin' : entries.join(':');
}

/**
 * Settings that outrank every configuration file. Together with plumbing commands (which neither sign, nor open an
 * editor, nor collect garbage) they leave nothing that a file in the repository could have git start. `filter.*` needs
 * the names of the filters; `guards` in config.ts adds those.
 */
export const HARDENED: readonly string[] = [
  // Empty, not `false`: before git 2.36 the value is the path of a program.
  'core.fsmonitor=',
  'core.pager=cat',
  'core.editor=:',
  'core.askPass=',
  'core.sshCommand=false',
  'core.gitProxy=',
  'core.alternateRefsCommand=',
  'credential.helper=',
  'protocol.allow=never',
  // A filter of the owner's that asks a server which the agent's own `.lfsconfig` names, for what the agent's files name. What is
  // not there already stays a pointer.
  'lfs.url=none://',
  'lfs.skipDownloadErrors=true',
  'submodule.recurse=false',
  'diff.ignoreSubmodules=all',
  'commit.gpgSign=false',
  'tag.gpgSign=false',
  'push.gpgSign=false',
  'log.showSignature=false',
  'gpg.program=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'i18n.commitEncoding=UTF-8',
  'i18n.logOutputEncoding=UTF-8',
  'core.quotePath=false',
  'color.ui=false',
];

export const NO_HOOKS = 'core.hooksPath=/dev/null';
