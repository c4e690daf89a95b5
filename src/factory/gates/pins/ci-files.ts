/** What forges and CI systems run or read: scripts and templates beside their definitions, too. A name may hold any character. */
const CI_FILE = new RegExp(
  `(?:^|/)(?:${[
    '\\.(?:github|gitea|forgejo)/(?:workflows|actions)(?:/.*)?',
    '\\.gitlab/ci(?:/.*)?',
    '\\.gitlab-ci[^/]*/.*',
    '[^/]*\\.gitlab-ci[^/]*\\.ya?ml',
    '\\.(?:circleci|buildkite|teamcity|semaphore|tekton|builds)(?:/.*)?',
    '\\.woodpecker[^/]*(?:/.*|\\.ya?ml)',
    '\\.?azure-pipelines(?:/.*|[^/]*\\.ya?ml)',
    '(?:[^/]+\\.)?Jenkinsfile(?:[.-](?!md$)[^/]+)?|[^/]+\\.jenkinsfile',
    '\\.(?:drone|cirrus)\\.(?:ya?ml|star|jsonnet)',
    '(?:bitbucket-pipelines|\\.?appveyor|\\.travis|\\.build)\\.ya?ml',
  ].join('|')})$`,
  's',
);
/** Of these the ones that no gate could run. */
const CI_DEFINITION = /(?:\.ya?ml|(?:^|\/)Jenkinsfile)$/;

/** Values below these are commands and conditions, whatever they look like. */
const COMMANDS =
  /^(run|if|when|needs|shell|entrypoint|args|command|(before_|after_)?(install|script|deploy)|allow_failures?|rules|only|except|env|environment|variables|defaults|permissions|secrets|on|branches|paths|exclude)$/;
const VERSION =
  /^(?:v|node(?:\.js)?|io\.js|python|pypy|ruby|php|jdk|java|go|rust|deno|bun|npm|pnpm|ubuntu|macos|windows)?[-. ]?\d[\w.+*-]*$|^(?:latest|current|node|lts(?:\/[\w*-]+)?|stable|beta|nightly|\*|(?:ubuntu|macos|windows)-\w+)$/i;
const TAG_OR_COMMIT = /@(?:v?\d[\w.-]*|[0-9a-f]{40})$/;

export function isCiFile(path: string): boolean {
  return CI_FILE.test(path);
}

/** What CI is told to do. No gate reads it: what counts is whether it proves as much as before. */
export function isCiDefinition(path: string): boolean {
  return isCiFile(path) && CI_DEFINITION.test(path);
}

/** A workflow without the versions that it runs on, of languages, machines and actions, and without titles. */
export function withoutVersions(value: unknown): unknown {
  if (typeof value === 'number') return undefined;
  if (typeof value === 'string') return VERSION.test(value) ? undefined : value;
  if (Array.isArray(value)) {
    const left = value.map(withoutVersions).filter((each) => each !== undefined);
    return left.length > 0 || value.length === 0 ? left : undefined;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => key !== 'name');
  const left = entries.map(([key, each]): [string, unknown] => {
    if (key === 'uses' && typeof each === 'string') return [key, each.replace(TAG_OR_COMMIT, '')];
    return [key, COMMANDS.test(key) ? each : withoutVersions(each)];
  });
  const kept = left.filter(([, each]) => each !== undefined);
  return kept.length > 0 || entries.length === 0 ? Object.fromEntries(kept) : undefined;
}
