/**
 * Test doubles for handlers: a connection that records sent frames, received frames,
 * and a captured log.
 *
 * @module
 */

import { BaseHandler, type LevelName, type LogRecord, setup } from "@std/log";
import { flush } from "../../lib/listener/flush.ts";
import { opcodeToSend } from "../../lib/protocol/fragment_order.ts";
import { nextActivity } from "../../lib/scheduling/activity.ts";
import { setupLog, TAGS } from "../../lib/log/log.ts";
import type { HttpInfo } from "../../lib/routing/router.ts";
import type {
  Capabilities,
  Connection,
  Frame,
  HandshakeInfo,
  ListenerName,
  Opcode,
  PathParams,
  SendOptions,
} from "../../lib/websocket.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The remote address of all fakes. */
export const REMOTE_ADDR: Deno.NetAddr = {
  transport: "tcp",
  hostname: "127.0.0.1",
  port: 50000,
};

/** The second argument of a handler's `handshake`. */
export const HANDSHAKE_INFO: HandshakeInfo = {
  listener: "edge",
  remoteAddr: REMOTE_ADDR,
  params: {},
  protocol: "",
};

/** The second argument of an HTTP handler. */
export const HTTP_INFO: HttpInfo = {
  listener: "edge",
  remoteAddr: REMOTE_ADDR,
  params: {},
};

/** A sent frame. */
export interface Sent {
  readonly opcode: Opcode;
  readonly final: boolean;
  /** The payload in hex. */
  readonly payload: string;
}

/**
 * Makes a sent frame.
 *
 * @param opcode of the frame
 * @param payload bytes, or a string in UTF-8
 * @param final the FIN bit
 */
export function sent(
  opcode: Opcode,
  payload: string | Uint8Array,
  final = true,
): Sent {
  return { opcode, final, payload: bytesOf(payload).toHex() };
}

/** A received frame. */
export class FakeFrame implements Frame {
  readonly opcode: Opcode;
  readonly final: boolean;
  readonly payload: Uint8Array<ArrayBuffer>;
  readonly length: number;
  readonly left: number;
  readonly offset: number;

  constructor(
    opcode: Opcode,
    payload: string | Uint8Array,
    options: { final?: boolean; length?: number; left?: number } = {},
  ) {
    this.opcode = opcode;
    this.payload = bytesOf(payload);
    this.final = options.final ?? true;
    this.length = options.length ?? this.payload.length;
    this.left = options.left ?? 0;
    this.offset = this.length - this.left - this.payload.length;
  }

  text(): string {
    return decoder.decode(this.payload);
  }

  startsWith(prefix: string): boolean {
    return this.text().startsWith(prefix);
  }
}

/** Records the calls of a handler; payloads are copied. */
export class FakeConnection<State = unknown> implements Connection<State> {
  readonly id: string = "fake-1";
  readonly listener: ListenerName;
  readonly path: string = "/fake";
  params: PathParams = {};
  readonly openedAt = 0;
  lastActivity = nextActivity();
  readonly traffic = {
    messagesReceived: 0,
    bytesReceived: 0,
    messagesSent: 0,
    bytesSent: 0,
  };
  readonly request = {
    url: new URL("http://localhost:8000/"),
    headers: new Headers(),
  };
  readonly remoteAddr = REMOTE_ADDR;
  readonly protocol = "";
  readonly capabilities: Capabilities;
  readonly bufferedAmount: number = 0;
  state: State;
  /** All sent frames, in the order of the calls. */
  readonly sent: Sent[] = [];
  /** Whether `abort` was called. */
  isAborted = false;
  /** Whether reading is paused. */
  isPaused = false;
  /** Sum of all `charge` calls, in bytes. */
  charged = 0;
  readonly #work: (() => void | Promise<void>)[] = [];

  constructor(listener: ListenerName, state?: State) {
    const frames = listener === "frame";
    this.listener = listener;
    this.capabilities = {
      controlFrames: frames,
      fragments: frames,
      transport: frames,
      compression: false,
    };
    this.state = state as State;
  }

  get isOpen(): boolean {
    return !this.isAborted &&
      !this.sent.some((frame) => frame.opcode === "close");
  }

  send(data: string | Uint8Array | Frame, options: SendOptions = {}): void {
    const isFrame = typeof data !== "string" && !(data instanceof Uint8Array);
    const opcode = options.opcode ??
      (isFrame
        ? opcodeToSend(data)
        : typeof data === "string"
        ? "text"
        : "binary");
    const final = options.final ?? (isFrame ? data.final : true);
    const payload = bytesOf(isFrame ? data.payload : data);
    const size = options.fragmentSize ?? Infinity;
    if (payload.length <= size) return this.#record(opcode, payload, final);
    for (let at = 0; at < payload.length; at += size) {
      const isLast = at + size >= payload.length;
      const name = at === 0 ? opcode : "continuation";
      this.#record(name, payload.subarray(at, at + size), isLast && final);
    }
  }

  flushed(): Promise<void> {
    return flush((settle) => settle(this.isOpen));
  }

  ping(payload = new Uint8Array(0)): void {
    this.#record("ping", payload, true);
  }

  close(code?: number, reason = ""): void {
    const head = code === undefined ? [] : [code >> 8, code & 0xff];
    this.#record(
      "close",
      new Uint8Array([...head, ...encoder.encode(reason)]),
      true,
    );
  }

  abort(): void {
    this.isAborted = true;
  }

  pauseReading(): void {
    this.isPaused = true;
  }

  resumeReading(): void {
    this.isPaused = false;
  }

  queueWork(work: () => void | Promise<void>): void {
    this.#work.push(work);
  }

  charge(bytes: number): void {
    this.charged += bytes;
  }

  /** Runs the queued work, but not the work that it queues. */
  async runWork(): Promise<void> {
    for (const work of this.#work.splice(0)) await work();
  }

  #record(opcode: Opcode, payload: string | Uint8Array, final: boolean): void {
    this.sent.push(sent(opcode, payload, final));
  }
}

/** Captures the lines of the log until it is disposed. */
export class LogCapture implements Disposable {
  /** `LEVEL tag: message arguments`, oldest first. */
  readonly lines: string[] = [];

  constructor(level: LevelName) {
    setupLog({ level, format: "text", colors: false });
    setup({
      handlers: { capture: new CaptureHandler(this.lines) },
      loggers: Object.fromEntries(
        [...TAGS, "default"].map((
          tag,
        ) => [tag, { level, handlers: ["capture"] }]),
      ),
    });
  }

  [Symbol.dispose](): void {
    setupLog({ level: "INFO", format: "text", colors: false });
    setup({});
  }
}

class CaptureHandler extends BaseHandler {
  readonly #lines: string[];

  constructor(lines: string[]) {
    super("NOTSET", { formatter: line });
    this.#lines = lines;
  }

  override log(text: string): void {
    this.#lines.push(text);
  }
}

function line({ levelName, loggerName, msg, args }: LogRecord): string {
  return [`${levelName} ${loggerName}: ${msg}`, ...args].join(" ");
}

function bytesOf(payload: string | Uint8Array): Uint8Array<ArrayBuffer> {
  return typeof payload === "string"
    ? encoder.encode(payload)
    : new Uint8Array(payload);
}
