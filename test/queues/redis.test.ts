import { describe, expect, it } from 'vitest';
import { connectionOptions, redisFailure, showTarget } from '../../src/queues/redis/redis.ts';
import { judgeRedis, parseInfo } from '../../src/queues/redis/redis-check.ts';

describe('connectionOptions', () => {
  it('reads user, password, database and TLS from the address', () => {
    expect(connectionOptions({ url: 'rediss://me:p%40ss@cache.example:6380/2' }, 'worker')).toMatchObject({
      host: 'cache.example',
      port: 6_380,
      username: 'me',
      password: 'p@ss',
      db: 2,
      tls: { servername: 'cache.example' },
    });
    expect(connectionOptions({ url: 'redis://[::1]' }, 'producer')).toMatchObject({
      host: '::1',
      port: 6_379,
      db: 0,
    });
  });

  it.each(['', 'localhost:6379', 'http://localhost', 'redis://', 'redis://host/db', 'unix://'])(
    'refuses %j',
    (url) => {
      expect(() => connectionOptions({ url }, 'worker')).toThrow(
        expect.objectContaining({ kind: 'usage', code: 'redis_url_invalid' }),
      );
    },
  );

  it('lets a worker wait for ever and a producer fail fast', () => {
    const url = 'redis://localhost';
    expect(connectionOptions({ url }, 'worker')).toMatchObject({
      maxRetriesPerRequest: null,
      enableOfflineQueue: true,
    });
    expect(connectionOptions({ url }, 'producer')).toMatchObject({
      maxRetriesPerRequest: 1,
      enableOfflineQueue: false,
    });
  });

  it('never stops trying to come back and never pauses for more than a second', () => {
    const { retryStrategy } = connectionOptions({ url: 'redis://localhost' }, 'worker');
    for (const attempt of [1, 2, 10, 1_000, 1_000_000]) {
      const pause = retryStrategy?.(attempt);
      expect(pause).toBeGreaterThan(0);
      expect(pause).toBeLessThanOrEqual(1_000);
    }
  });
});

describe('messages', () => {
  it('never show user or password', () => {
    expect(showTarget({ url: 'redis://me:secret@host:1/2?password=secret' })).toBe('redis://host:1/2');
    expect(showTarget({ url: 'secret' })).not.toContain('secret');
  });

  it('leave errors alone that do not say that Redis is away', () => {
    expect(redisFailure({ url: 'redis://h' }, new Error('WRONGTYPE Operation against a key'))).toBeNull();
    expect(redisFailure({ url: 'redis://h' }, 'text')).toBeNull();
  });
});

describe('judgeRedis', () => {
  const info = (more: string) =>
    parseInfo(`# Server\r\nredis_version:7.0.15\r\nmaxmemory_policy:noeviction\r\n${more}`);

  it('knows the four states of persistence', () => {
    expect(judgeRedis(info('aof_enabled:1'), '').persistence).toBe('aof');
    expect(judgeRedis(info('aof_enabled:0'), '3600 1').persistence).toBe('rdb');
    expect(judgeRedis(info('aof_enabled:0'), '').persistence).toBe('none');
    expect(judgeRedis(info('aof_enabled:0'), null).persistence).toBe('unknown');
  });

  it('warns from nine tenths of the memory on', () => {
    expect(judgeRedis(info('aof_enabled:1\r\nmaxmemory:100\r\nused_memory:89'), '').memory).toBe('ok');
    expect(judgeRedis(info('aof_enabled:1\r\nmaxmemory:100\r\nused_memory:90'), '').memory).toBe(
      'nearly full',
    );
    expect(judgeRedis(info('aof_enabled:1\r\nmaxmemory:100\r\nused_memory:100'), '').memory).toBe('full');
    expect(judgeRedis(info('aof_enabled:1\r\nmaxmemory:0\r\nused_memory:100'), '').memory).toBe('ok');
  });

  it('warns when the disk refused the last write', () => {
    expect(judgeRedis(info('aof_enabled:1\r\naof_last_write_status:err'), '').warnings).toHaveLength(1);
  });
});
