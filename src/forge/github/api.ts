import { Octokit } from '@octokit/core';
import * as z from 'zod';
import { DarkFactoryError } from '../../lib/failure.ts';
import type { ForgeHttp } from '../http.ts';
import { allPages, createReader, type Reader } from '../pages.ts';
import { statusProblem } from '../problems.ts';

export interface Reply {
  data: unknown;
  headers: { link?: string | undefined; 'x-oauth-scopes'?: unknown };
}

/** One repository at GitHub's API, and how it is asked. */
export interface GitHubApi {
  /** For messages. */
  name: string;
  octokit: Octokit;
  http: ForgeHttp;
  /** Without the last slash. */
  url: string;
  at: { owner: string; repo: string };
  read: Reader;
  /** What octokit wraps of what its `fetch` throws is thrown as it was. */
  reply(asked: Promise<Reply>): Promise<Reply>;
  one<T>(asked: Promise<Reply>, schema: z.ZodType<T>, what: string): Promise<T>;
  list<T>(first: () => Promise<Reply>, schema: z.ZodType<T>, what: string): Promise<T[]>;
  /** What only the other API of GitHub can do. @param what for messages */
  graphql(query: string, variables: Record<string, unknown>, what: string): Promise<unknown>;
  /** Lists that stand within something else. */
  pages<T>(first: () => Promise<Reply>, read: (data: unknown) => T[]): Promise<T[]>;
}

export const HUNDRED = { per_page: 100 };

export function openGitHubApi(name: string, repository: string, address: string, http: ForgeHttp): GitHubApi {
  const url = address.replace(/\/$/, '');
  const octokit = new Octokit({
    baseUrl: url,
    request: { fetch: http.fetch },
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  });
  const [owner = '', repo = ''] = repository.split('/');
  const read = createReader(name);
  const reply: GitHubApi['reply'] = async (asked) => {
    try {
      return await asked;
    } catch (error) {
      if (error instanceof Error && error.cause instanceof DarkFactoryError) throw error.cause;
      throw error;
    }
  };
  const pages: GitHubApi['pages'] = (first, part) =>
    allPages(async (next) => {
      const { data, headers } = await reply(next === undefined ? first() : octokit.request(`GET ${next}`));
      return { data, link: headers.link };
    }, part);
  const graphql: GitHubApi['graphql'] = async (query, variables, what) => {
    try {
      return await octokit.graphql(query, variables);
    } catch (error) {
      if (error instanceof Error && error.cause instanceof DarkFactoryError) throw error.cause;
      const message = error instanceof Error ? error.message : String(error);
      throw statusProblem(name, new Response(null, { status: 422 }), JSON.stringify({ message }), what);
    }
  };
  return {
    ...{ name, octokit, http, url, at: { owner, repo }, read, reply, graphql, pages },
    one: async (asked, schema, what) => read(schema, what, (await reply(asked)).data),
    list: (first, schema, what) => pages(first, (data) => read(z.array(schema), what, data)),
  };
}
