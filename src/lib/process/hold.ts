/** A child process. */
interface Child {
  stdin: unknown;
  stdout: unknown;
  stderr: unknown;
}

/** Whether a child and its streams are a reason for this process to live on. */
export function hold(child: Child, how: 'ref' | 'unref'): void {
  for (const handle of [child, child.stdin, child.stdout, child.stderr])
    (handle as { ref?(): void; unref?(): void } | null | undefined)?.[how]?.();
}
