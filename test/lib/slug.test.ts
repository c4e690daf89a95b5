import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slug } from '../../src/lib/text/slug.ts';
import { anyText } from '../support/any-text.ts';

describe('slug', () => {
  it.each([
    ['Feature: Auth & Login', 'feature-auth-login'],
    ['Überprüfung für Café №5', 'uberprufung-fur-cafe-no5'],
    ['--upload-pack=x', 'upload-pack-x'],
    ['-d', 'd'],
    ['a..b', 'a-b'],
    ['x.lock', 'x-lock'],
    ['$(id)', 'id'],
    ['x;touch /var/tmp/p', 'x-touch-var-tmp-p'],
    ['two\nlines\u0000', 'two-lines'],
    ['🏭', 'project'],
    ['', 'project'],
  ])('A56 A57: %j becomes %j', (text, expected) => {
    expect(slug(text)).toBe(expected);
  });

  it('uses the fallback and the limit it is given', () => {
    expect(slug('工場', { fallback: 'option' })).toBe('option');
    expect(slug('abc def ghi', { max: 8 })).toBe('abc-def');
    expect(slug('x'.repeat(100_000))).toBe('x'.repeat(40));
  });

  it('is a safe word for any text', () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        expect(slug(text)).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
        expect(slug(text).length).toBeLessThanOrEqual(40);
      }),
    );
  });
});
