declare module 'pino-roll' {
  import type { DestinationStream } from 'pino';

  export interface RollingStream extends DestinationStream {
    /** Writes what is buffered and closes the file; `close` follows. */
    end(): void;
    /** Closes the file at once; what is buffered is lost. */
    destroy(): void;
    once(event: 'close', listener: () => void): this;
    on(event: 'error', listener: (error: Error) => void): this;
  }

  export default function roll(options: {
    /** The last part after a dot is taken as the extension. */
    file: string;
    frequency: 'daily';
    dateFormat: string;
    limit: { count: number; removeOtherLogFiles: boolean };
    mkdir: boolean;
    mode: number;
  }): Promise<RollingStream>;
}
