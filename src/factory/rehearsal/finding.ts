/** What a rehearsal found. `error`: as it is, the project would fail, or wait for its owner. */
export interface Finding {
  level: 'error' | 'warn' | 'info';
  /** What is so, and what its owner can do about it: whole sentences. */
  what: string;
  do: string;
}

const finding =
  (level: Finding['level']) =>
  (what: string, remedy: string): Finding => ({ level, what: sentence(what), do: sentence(remedy) });

export const error = finding('error');
export const warn = finding('warn');
export const info = finding('info');

/** On one line, with a capital letter and a full stop. */
function sentence(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const whole = /[.!?…]$/.test(line) ? line : `${line}.`;
  return whole.charAt(0).toUpperCase() + whole.slice(1);
}

/** A project, by what was found of it. */
export interface Rehearsed {
  name: string;
  /** Nothing was found that would keep it from being worked on. */
  ready: boolean;
  findings: Finding[];
}

export interface Rehearsal {
  /** All of them are. */
  ready: boolean;
  projects: Rehearsed[];
}

export function rehearsed(name: string, findings: readonly Finding[]): Rehearsed {
  return { name, ready: findings.every(({ level }) => level !== 'error'), findings: [...findings] };
}
