/** A bare repository over HTTP by git's own `git http-backend`, with authentication. */
import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface GitRequest {
  /** Repositories lie below it as `owner/name.git`. */
  folder: string;
  path: string;
  query: string;
  user: string;
}

/** Answers one request as CGI tells: headers of the program first, then its body. */
export function serveGit(request: IncomingMessage, response: ServerResponse, asked: GitRequest): void {
  const { headers, method = 'GET' } = request;
  const env: Record<string, string> = {
    ...{ PATH: process.env['PATH'] ?? '', GIT_PROJECT_ROOT: asked.folder, GIT_HTTP_EXPORT_ALL: '1' },
    ...{ PATH_INFO: asked.path, QUERY_STRING: asked.query, REQUEST_METHOD: method, REMOTE_USER: asked.user },
    ...{
      REMOTE_ADDR: '127.0.0.1',
      CONTENT_TYPE: headers['content-type'] ?? '',
      GIT_CONFIG_NOSYSTEM: '1',
      HOME: asked.folder,
    },
  };
  if (headers['content-length'] !== undefined) env['CONTENT_LENGTH'] = headers['content-length'];
  if (headers['content-encoding'] !== undefined) env['HTTP_CONTENT_ENCODING'] = headers['content-encoding'];
  const protocol = headers['git-protocol'];
  if (typeof protocol === 'string') env['GIT_PROTOCOL'] = protocol;
  const child = spawn('git', ['http-backend'], { env, stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdin.on('error', () => {});
  request.pipe(child.stdin);
  let head = Buffer.alloc(0);
  let isBody = false;
  child.stdout.on('data', (chunk: Buffer) => {
    if (isBody) {
      response.write(chunk);
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    isBody = true;
    let status = 200;
    for (const line of head.subarray(0, end).toString('latin1').split('\r\n')) {
      const [name = '', ...value] = line.split(': ');
      if (name.toLowerCase() === 'status') status = Number.parseInt(value.join(': '), 10);
      else response.setHeader(name, value.join(': '));
    }
    response.writeHead(status);
    response.write(head.subarray(end + 4));
  });
  child.on('close', () => {
    if (!isBody) response.writeHead(500);
    response.end();
  });
}
