import { expect, test } from 'vitest';
import { sendsKeyInClear } from '../../../../src/factory/finance/providers/provider-checks.ts';

const sends = (baseUrl: string | undefined, apiKey = 'env:KEY') =>
  sendsKeyInClear({ apiKey, ...(baseUrl === undefined ? {} : { baseUrl }) });

test.each([
  'http://10.0.0.5:8000/v1',
  'http://192.168.1.9/v1',
  'http://gpu-box:8000/v1',
  'http://api.example.com/v1',
  'HTTP://API.EXAMPLE.COM',
  'http://127.0.0.1.example.com/v1',
  'http://localhost.example.com/v1',
  'http://[2001:db8::1]:8000',
  'http://host.docker.internal:11434',
])('a key for %s goes over a network in clear', (url) => {
  expect(sends(url)).toBe(true);
});

test.each([
  'https://api.example.com/v1',
  'http://127.0.0.1:11434',
  'http://127.8.9.1',
  'http://localhost:8000/v1',
  'http://model.localhost',
  'http://[::1]:8000/v1',
  undefined,
])('a key for %s does not', (url) => {
  expect(sends(url)).toBe(false);
});

test('without a key there is nothing to read', () => {
  expect(sends('http://10.0.0.5:8000/v1', '')).toBe(false);
});
