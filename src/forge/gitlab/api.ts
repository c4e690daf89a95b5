import * as z from 'zod';
import type { ForgeHttp } from '../http.ts';
import { allPages, createReader, type Page, type Reader } from '../pages.ts';
import { projectReply } from './replies.ts';

type Query = Readonly<Record<string, string>>;

/** One project at GitLab's API, and how it is asked. */
export interface GitLabApi {
  /** For messages. */
  name: string;
  http: ForgeHttp;
  read: Reader;
  address(path: string): string;
  /** The path of something of the project. */
  at(path: string): Promise<string>;
  look(): Promise<z.output<typeof projectReply>>;
  one<T>(path: string, schema: z.ZodType<T>, what: string): Promise<T>;
  list<T>(path: string, query: Query, schema: z.ZodType<T>, what: string): Promise<T[]>;
  write(method: 'POST' | 'PUT', path: string, body: object): Promise<unknown>;
}

export function openGitLabApi(name: string, repository: string, url: string, http: ForgeHttp): GitLabApi {
  const base = url.replace(/\/$/, '');
  const read = createReader(name);
  /** Its number: after a renaming GitLab leads only reads from the old name to the new one. */
  let project: string | undefined;
  const address = (path: string, query: Query = {}) =>
    `${base}${path}${Object.keys(query).length === 0 ? '' : `?${new URLSearchParams(query)}`}`;
  const get = async (where: string): Promise<Page> => {
    const response = await http.fetch(where);
    return { data: await response.json(), link: response.headers.get('link') };
  };
  const one: GitLabApi['one'] = async (path, schema, what) =>
    read(schema, what, (await get(address(path))).data);
  const look = async () => {
    const found = await one(`/projects/${encodeURIComponent(repository)}`, projectReply, 'the project');
    project = `/projects/${found.id}`;
    return found;
  };
  return {
    ...{ name, http, read, address, one, look },
    async at(path) {
      if (project === undefined) await look();
      return `${project}${path}`;
    },
    list: (path, query, schema, what) =>
      allPages(
        (next) => get(next ?? address(path, { per_page: '100', ...query })),
        (data) => read(z.array(schema), what, data),
      ),
    async write(method, path, body) {
      const headers = { 'content-type': 'application/json' };
      const response = await http.fetch(address(path), { method, headers, body: JSON.stringify(body) });
      return response.json();
    },
  };
}
