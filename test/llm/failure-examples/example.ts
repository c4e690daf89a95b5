/** An answer in one wording, as the vendor gives it. */
interface Example {
  status: number;
  headers?: Record<string, string>;
  body: string;
}

/** By the name of the row that must know it. */
export type Examples = Readonly<Record<string, Example>>;

export const errorBody = (message: string, type: string, code: string | null = null): string =>
  JSON.stringify({ error: { message, type, param: null, code } });
