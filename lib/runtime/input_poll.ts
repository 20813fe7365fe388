/**
 * Makes the runtime poll the operating system for input.
 *
 * The runtime polls only when its own task queue is empty, or after 61 tasks.
 * Callbacks of `setImmediate`, resolved promises and messages of a port keep the
 * queue full. A timer empties it, but takes two milliseconds; 61 callbacks of
 * `setImmediate` take 45 µs. A read of a byte that this process writes to itself
 * completes only after a poll, and takes 16 µs. Seen in Deno 2.9.6.
 *
 * @module
 */

import { setImmediate } from "node:timers";

/** Both ends of a TCP connection of this process to itself. */
interface Loop {
  readonly writer: Deno.TcpConn;
  readonly reader: Deno.Conn;
}

const HOST = "127.0.0.1";

const BYTE = Uint8Array.of(0);

/** Callbacks of `setImmediate` in which the runtime polls at least once. */
const CALLBACKS = 64;

/** A loopback connection of the process to itself, open while it has users. */
export class InputPoll {
  #users = 0;
  #loop: Loop | undefined;
  #opening: Promise<void> = Promise.resolve();
  /** Called after the poll that is under way. */
  #waiting: (() => void)[] = [];
  readonly #received = new Uint8Array(1);

  /** Adds a user; the first opens the connection. Each call needs an {@linkcode InputPoll.release}. */
  retain(): void {
    if (this.#users++ === 0) this.#opening = this.#open();
  }

  /** Removes a user, and closes the connection after the last; resolves when it is closed. */
  async release(): Promise<void> {
    if (--this.#users > 0) return;
    await this.#opening;
    if (this.#users === 0) this.#close();
  }

  /**
   * Calls back after the runtime has polled for input. Without the connection, for
   * instance where the loopback address is not permitted, it uses `setImmediate`.
   *
   * @param done called once
   */
  poll(done: () => void): void {
    if (this.#waiting.push(done) > 1) return;
    const loop = this.#loop;
    if (loop === undefined) return afterImmediates(CALLBACKS, this.#polled);
    const failed = () => {
      this.#close();
      this.#polled();
    };
    // The read comes first: with the byte already there it would not wait for a poll.
    loop.reader.read(this.#received).then(this.#polled, failed);
    loop.writer.write(BYTE).catch(() => this.#close());
  }

  #polled = (): void => {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (let i = 0; i < waiting.length; i++) queueMicrotask(waiting[i]!);
  };

  async #open(): Promise<void> {
    const loop = isPermitted() ? await connectToSelf() : undefined;
    if (loop === undefined) return;
    if (this.#users > 0 && this.#loop === undefined) this.#loop = loop;
    else close(loop);
  }

  #close(): void {
    if (this.#loop !== undefined) close(this.#loop);
    this.#loop = undefined;
  }
}

/** Calls back in the last of so many callbacks of `setImmediate`. */
function afterImmediates(count: number, done: () => void): void {
  if (count === 0) done();
  else setImmediate(afterImmediates, count - 1, done);
}

function isPermitted(): boolean {
  const net = { name: "net", host: HOST } as const;
  return Deno.permissions.querySync(net).state === "granted";
}

/** Returns `undefined` where no file descriptor is free or another process connects first. */
async function connectToSelf(): Promise<Loop | undefined> {
  try {
    using listener = Deno.listen({ hostname: HOST, port: 0 });
    const { port } = listener.addr as Deno.NetAddr;
    const accepting = listener.accept();
    const writer = await Deno.connect({ hostname: HOST, port });
    const reader = await accepting;
    const loop = { writer, reader };
    if ((reader.remoteAddr as Deno.NetAddr).port !== writer.localAddr.port) {
      close(loop);
      return undefined;
    }
    writer.setNoDelay(true);
    return loop;
  } catch {
    return undefined;
  }
}

function close({ writer, reader }: Loop): void {
  writer.close();
  reader.close();
}
