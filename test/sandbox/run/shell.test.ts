import { describe, expect, it } from 'vitest';
import { shellQuote } from '../../../src/lib/text/shell-quote.ts';
import { commandProblem, limited, shellCommand } from '../../../src/sandbox/run/shell.ts';

describe('shell arguments', () => {
  it('gives the file size to the shell in its blocks of 512 bytes', () => {
    expect(limited(['bash', '-c', 'x'], { fileSize: 1_048_576 })[2]).toContain('ulimit -f 2048;');
    expect(limited(['bash', '-c', 'x'], { fileSize: 1 })[2]).toContain('ulimit -f 1;');
  });

  it('bounds processes only where the kernel counts them by sandbox', () => {
    expect(limited(['x'], { fileSize: 1 })[2]).not.toMatch(/ulimit -[up]/);
    expect(limited(['x'], { fileSize: 1, maxTasks: 64 })[2]).toContain('ulimit -u 64');
  });

  it('cuts a long command into arguments that the system takes, and no character in two', () => {
    const command = '😀'.repeat(60_000);
    const [, , , , ...parts] = shellCommand('bash', command);
    expect(parts.join('')).toBe(command);
    for (const part of parts) {
      expect(Buffer.byteLength(part)).toBeLessThan(128 * 1024);
      expect(Buffer.from(part).toString()).toBe(part);
    }
    expect(shellCommand('bash', 'short')).toEqual(['bash', '-c', 'short']);
  });

  it('tells which commands cannot be run', () => {
    expect(commandProblem('echo')).toBeNull();
    expect(commandProblem('a\0b')).toMatch(/NUL/);
    expect(commandProblem('x'.repeat(500_001))).toMatch(/longer/);
  });

  it('quotes any word', () => {
    expect(shellQuote(`it's $x`)).toBe(`'it'\\''s $x'`);
  });
});
