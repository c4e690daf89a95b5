/** The pages as they were built: one document, and the scripts and styles that it names. */
import { fileURLToPath } from 'node:url';
import express, { type RequestHandler, Router } from 'express';
import { packageFile } from '../../lib/version.ts';

/** Addresses that the page itself tells apart. */
const PAGES = /^\/(?:$|(?:projects|night|providers|personas|machine|new)(?:\/|$))/;

export function pages(): RequestHandler {
  const built = fileURLToPath(packageFile('dist/pages/'));
  const router = Router();
  // Named by their content, so they never change.
  router.use(
    '/assets',
    express.static(`${built}assets`, { index: false, fallthrough: true, immutable: true, maxAge: '1y' }),
  );
  router.get(PAGES, (_request, response) => {
    response.sendFile(`${built}index.html`, { cacheControl: false });
  });
  return router;
}
