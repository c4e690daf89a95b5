import type { Response } from 'express';

/** The one form of all refusals. @param hint what to do next, one sentence */
export function refuse(
  response: Response,
  status: number,
  code: string,
  message: string,
  hint: string,
  more: Readonly<Record<string, unknown>> = {},
): void {
  response.status(status).json({ error: { code, message, hint }, ...more });
}
