import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { config } from '../../src/factory/config/config.ts';

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');

const service = z.looseObject({
  image: z.string().optional(),
  command: z.union([z.string(), z.array(z.string())]),
  volumes: z.array(z.string()).optional(),
  ports: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
});
const compose = z
  .looseObject({ services: z.record(z.string(), service), volumes: z.record(z.string(), z.unknown()) })
  .parse(parse(read('docker-compose.yml'), { merge: true }));
const { redis, worker, board, df } = compose.services;

describe('docker-compose.yml', () => {
  it('runs a Redis that keeps jobs: append-only file, no eviction, a volume, reachable from inside only', () => {
    expect(redis?.command).toContain('--appendonly yes');
    expect(redis?.command).toContain('--maxmemory-policy noeviction');
    expect(redis?.volumes).toEqual(['redis:/data']);
    expect(redis?.ports).toBeUndefined();
  });

  it('lets workers scale: no name and no port of their own', () => {
    expect(worker?.command).toEqual(['worker']);
    expect(worker?.ports).toBeUndefined();
    expect(worker?.['container_name']).toBeUndefined();
  });

  it('gives workers longer to stop than their own grace period', () => {
    const seconds = Number(/^(\d+)s$/.exec(String(worker?.['stop_grace_period']))?.[1]);
    expect(seconds * 1_000).toBeGreaterThan(config.parse({}).workers.grace);
  });

  it('publishes the board on this machine only', () => {
    expect(board?.ports).toEqual([expect.stringMatching(/^127\.0\.0\.1:/)]);
  });

  it('shares DF_HOME and the repositories between workers, board and command line', () => {
    for (const each of [worker, board, df]) {
      expect(each?.volumes).toEqual(worker?.volumes);
      expect(each?.environment).toMatchObject({ DF_HOME: '/factory/home', REDIS_URL: 'redis://redis:6379' });
    }
    expect(Object.keys(compose.volumes)).toEqual(['home', 'redis']);
  });
});

describe('every service', () => {
  it.each(Object.entries(compose.services))(
    '%s has no capability, may gain none, and its log has an end',
    (_name, each) => {
      expect(each).toMatchObject({
        cap_drop: ['ALL'],
        security_opt: expect.arrayContaining(['no-new-privileges:true']),
        logging: { options: { 'max-size': '10m', 'max-file': '5' } },
      });
    },
  );

  it.each(Object.entries({ redis, worker, board }))('%s, which stays, has bounds', (_name, each) => {
    expect(each).toMatchObject({ mem_limit: expect.anything(), pids_limit: expect.any(Number) });
  });

  it('the board has no key, neither of a provider nor the one that all are encrypted with; workers have both', () => {
    expect(Object.keys(board?.environment ?? {}).sort()).toEqual(['DF_HOME', 'REDIS_URL']);
    expect(Object.keys(worker?.environment ?? {})).toEqual(
      expect.arrayContaining(['DF_MASTER_KEY', 'OPENAI_API_KEY', 'ANTHROPIC_API_KEY']),
    );
    expect(board).toHaveProperty('healthcheck.test');
  });
});

describe('workflows', () => {
  it.each(['ci.yml', 'release.yml'])('%s names actions by commit, and by version for people', (file) => {
    const uses = [...read(`.github/workflows/${file}`).matchAll(/uses: (.+)$/gm)].map(([, use]) => use);
    expect(uses.length).toBeGreaterThan(1);
    for (const use of uses) expect(use).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it('a release says where it was built', () => {
    expect(read('.github/workflows/release.yml')).toContain('id-token: write');
    expect(JSON.parse(read('package.json'))).toMatchObject({
      publishConfig: { access: 'public', provenance: true },
    });
  });
});

describe('Dockerfile', () => {
  const text = read('Dockerfile');

  it('runs on a Node that is maintained, and tells whether work can be done', () => {
    expect(text.match(/^FROM node:(22|24)-/gm)).toHaveLength(2);
    expect(text).toMatch(/^HEALTHCHECK .*\n.*dark-factory health/m);
  });

  it('does not run as root, and carries git and bubblewrap', () => {
    expect(text).toMatch(/^USER node$/m);
    expect(text).toMatch(/apt-get install .*bubblewrap .*git/);
  });

  it('copies only what .dockerignore lets through', () => {
    const admitted = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const copied = [...text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap((match) =>
      (match[1] ?? '').split(' '),
    );
    expect(copied.length).toBeGreaterThan(4);
    for (const path of copied) expect(admitted).toContain(path);
  });
});
