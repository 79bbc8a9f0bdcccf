import { createServer, type Socket } from "node:net";

export interface QmpEvent {
  readonly event: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

interface QmpMessage {
  readonly QMP?: { readonly version: { readonly qemu: { major: number; minor: number } } };
  readonly return?: unknown;
  readonly error?: { readonly class: string; readonly desc: string };
  readonly event?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

export class QmpError extends Error {}

/**
 * QEMU's monitor (docs/interop/qmp-spec.txt). We listen and QEMU connects, so nothing polls.
 * Events are kept until somebody waits for them.
 */
export class Qmp {
  version = "";
  private readonly events: QmpEvent[] = [];
  private pending: ((message: QmpMessage) => void) | undefined;
  private wake: (() => void) | undefined;
  private readonly socket: Socket;
  private buffer = "";

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => this.receive(chunk));
    socket.on("error", () => socket.destroy());
  }

  /** Resolves when QEMU has connected to `path` and accepted commands. */
  static accept(path: string): Promise<Qmp> {
    return new Promise((resolve, reject) => {
      const server = createServer((socket) => {
        server.close();
        const qmp = new Qmp(socket);
        qmp.greeted = () => {
          qmp.execute("qmp_capabilities").then(() => resolve(qmp), reject);
        };
      });
      server.on("error", reject);
      server.listen(path);
    });
  }

  private greeted: () => void = () => {};

  private receive(chunk: string): void {
    this.buffer += chunk;
    for (;;) {
      const newline = this.buffer.indexOf("\n");
      if (newline < 0) return;
      const line = this.buffer.slice(0, newline).trim();
      this.buffer = this.buffer.slice(newline + 1);
      if (line !== "") this.dispatch(JSON.parse(line) as QmpMessage);
    }
  }

  private dispatch(message: QmpMessage): void {
    if (message.QMP) {
      const { major, minor } = message.QMP.version.qemu;
      this.version = `${major}.${minor}`;
      this.greeted();
    } else if (message.event !== undefined) {
      this.events.push({ event: message.event, ...(message.data && { data: message.data }) });
      this.wake?.();
    } else {
      const done = this.pending;
      this.pending = undefined;
      done?.(message);
    }
  }

  /** @error QmpError with QEMU's description */
  execute(command: string, args?: Readonly<Record<string, unknown>>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.pending = (message) => {
        if (message.error) reject(new QmpError(`${command}: ${message.error.desc}`));
        else resolve(message.return);
      };
      this.socket.write(`${JSON.stringify({ execute: command, ...(args && { arguments: args }) })}\n`);
    });
  }

  /** Forgets the events that came so far: those that matter come after the next command. */
  dropEvents(): void {
    this.events.length = 0;
  }

  /** Waits until `accept` has seen an event it wants; events before it are dropped. */
  async waitFor(accept: (event: QmpEvent) => boolean, what: string, timeoutMs: number): Promise<QmpEvent> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      for (;;) {
        const event = this.events.shift();
        if (!event) break;
        if (accept(event)) return event;
      }
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`no ${what} within ${timeoutMs} ms`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.wake = undefined;
    }
  }

  close(): void {
    this.socket.destroy();
  }
}
