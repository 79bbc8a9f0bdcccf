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

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly command: string;
}

/** QEMU's monitor (docs/interop/qmp-spec.txt). Events are kept until somebody waits for them. */
export class Qmp {
  version = "";
  private readonly events: QmpEvent[] = [];
  private pending: Pending | undefined;
  private wake: (() => void) | undefined;
  private failure: Error | undefined;
  private greeted: () => void = () => {};
  private readonly socket: Socket;
  private buffer = "";

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => this.receive(chunk));
    socket.on("error", () => socket.destroy());
  }

  /**
   * We listen and QEMU connects, so nothing polls.
   *
   * @returns `connected` resolves when QEMU accepts commands; `close` gives up listening
   */
  static listen(path: string): { readonly connected: Promise<Qmp>; readonly close: () => void } {
    const server = createServer();
    const connected = new Promise<Qmp>((resolve, reject) => {
      server.on("error", reject);
      server.on("connection", (socket) => {
        server.close();
        const qmp = new Qmp(socket);
        qmp.greeted = () => {
          qmp.execute("qmp_capabilities").then(() => resolve(qmp), reject);
        };
      });
    });
    server.listen(path);
    return { connected, close: () => server.close() };
  }

  /** QEMU has ended: so does everything that waits for it. */
  fail(error: Error): void {
    this.failure = error;
    this.pending?.reject(error);
    this.pending = undefined;
    this.wake?.();
  }

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
      const { pending } = this;
      this.pending = undefined;
      if (message.error) pending?.reject(new QmpError(`${pending.command}: ${message.error.desc}`));
      else pending?.resolve(message.return);
    }
  }

  /** One command at a time. @error QmpError with QEMU's description */
  execute(command: string, args?: Readonly<Record<string, unknown>>): Promise<unknown> {
    if (this.failure) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      this.pending = { resolve, reject, command };
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
      if (this.failure) throw this.failure;
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
