/** One line of `df doctor`. */
export interface Check {
  name: string;
  /** `fail`: the factory cannot work like this. `warn`: it works, but not as well or as safely as it should. */
  status: 'ok' | 'warn' | 'fail';
  /** What was found. */
  detail: string;
  /** What to do about it. */
  remedy?: string;
}

export const ok = (name: string, detail: string): Check => ({ name, status: 'ok', detail });

export const warn = (name: string, detail: string, remedy: string): Check => ({
  name,
  status: 'warn',
  detail,
  remedy,
});

export const fail = (name: string, detail: string, remedy: string): Check => ({
  name,
  status: 'fail',
  detail,
  remedy,
});
