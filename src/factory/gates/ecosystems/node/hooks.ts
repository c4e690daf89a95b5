import { npm } from './npm.ts';

/** A script that does nothing but ask a registry for the known faults of packages. */
const AUDIT = /^(?:npx\s+)?(?:(?:npm|yarn|pnpm|better-npm-audit)(?:@\S+)?\s+audit|aud|audit-ci)(?:\s+-\S+)*$/;
const ONE_SCRIPT = /^npm\s+run\s+(?:(?:-s|--silent)\s+)?([\w:-]+)$/;

/**
 * How npm runs a script, without what it runs around it by itself and gates do without: an audit, whose outcome hangs on the day and on
 * a network, and the linter, which is a check of its own.
 */
export function withHooks(
  name: string,
  scripts: Readonly<Record<string, unknown>>,
  linter: string | undefined,
): string {
  const command = npm.run(name);
  const isSpared = (part: string) =>
    AUDIT.test(part.replace(/(["']).*?\1/g, 'x')) || (linter ?? '') === ONE_SCRIPT.exec(part)?.[1];
  const hooks = [`pre${name}`, `post${name}`].map((hook) => ({ hook, parts: partsOf(scripts[hook]) }));
  if (name === linter || !hooks.some(({ parts }) => parts.some(isSpared))) return command;
  // Scripts that this one starts would lose what runs around them.
  const started = partsOf(scripts[name]).flatMap((part) => part.split(/[\s;|]+/));
  const isAround = (each: string) => `pre${each}` in scripts || `post${each}` in scripts;
  if (started.some((each) => each !== name && isAround(each))) return command;
  const [before = [], after = []] = hooks.map(({ hook, parts }) => {
    const left = parts.filter((part) => !isSpared(part));
    // Outside of npm other programs of its packages are not found.
    return left.every((part) => ONE_SCRIPT.test(part)) ? left : [npm.run(hook)];
  });
  return [...before, `${command} --ignore-scripts`, ...after].join(' && ');
}

function partsOf(script: unknown): string[] {
  return typeof script === 'string' ? script.split('&&').map((part) => part.trim()) : [];
}
