import { createServer } from 'node:http';
import { expect, it } from 'vitest';
import { startWeb, type Web } from '../../src/producers/web/web.ts';
import { now, openBoards, TOKEN } from '../producers/web/boards.ts';
import { describePages, useBrowser } from './browser.ts';

/** A page of another site with a link to the board, and with images and a frame that show it wrong tokens. */
async function startForeignPage({ url }: Web) {
  const wrong = Array.from({ length: 20 }, (_, at) => `${url}wrong${at}`);
  const images = wrong.map((each) => `<img src="${each}">`).join('');
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(`<h1>Elsewhere</h1><a href="${url}">night</a>${images}<iframe src="${url}wrong"></iframe>`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    /** By a name that makes it another site than the board's. */
    url: `http://localhost:${port}/`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const { bus } = await openBoards();

describePages('the printed link on a page of another site', () => {
  const browser = useBrowser();

  it('lets in whoever follows it, though that page shows wrong tokens, and leaves no token in the address', async () => {
    const board = await startWeb({
      ...{ queues: bus.queues, host: '127.0.0.1', port: 0, token: TOKEN, role: 'viewer', now },
      pages: (_request, response) => void response.type('html').send('<h1>Within</h1>'),
    });
    const elsewhere = await startForeignPage(board);
    const { page } = await browser.open(elsewhere.url);
    await page.getByText('night').click();
    await page.getByText('Within').waitFor();
    expect(page.url()).toBe(new URL('/', board.url).href);
    await page.goBack();
    await page.getByText('Elsewhere').waitFor();
    await page.close();
    elsewhere.close();
    await board.close();
  });
});
