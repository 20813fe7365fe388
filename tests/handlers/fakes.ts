/**
 * What handlers are driven with: a connection that records what is sent, frames,
 * and a log that is kept.
 *
 * @module
 */

import { BaseHandler, type LevelName, type LogRecord, setup } from "@std/log";
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
  SendOptions,
} from "../../lib/websocket.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The peer of all fakes. */
export const REMOTE_ADDR: Deno.NetAddr = {
  transport: "tcp",
  hostname: "127.0.0.1",
  port: 50000,
};

/** What a handler's `handshake` is told beside the request. */
export const HANDSHAKE_INFO: HandshakeInfo = {
  listener: "edge",
  remoteAddr: REMOTE_ADDR,
  protocol: "",
};

/** What an HTTP handler is told beside the request. */
export const HTTP_INFO: HttpInfo = {
  listener: "edge",
  remoteAddr: REMOTE_ADDR,
  params: {},
};

/** A frame that was sent, as it would stand on the wire. */
export interface Sent {
  readonly opcode: Opcode;
  readonly final: boolean;
  /** The payload in hex. */
  readonly payload: string;
}

/**
 * A frame as it would stand on the wire.
 *
 * @param opcode what it is
 * @param payload a string stands for its UTF-8
 * @param final FIN
 */
export function sent(
  opcode: Opcode,
  payload: string | Uint8Array,
  final = true,
): Sent {
  return { opcode, final, payload: bytesOf(payload).toHex() };
}

/** A frame that was received. */
export class FakeFrame implements Frame {
  readonly opcode: Opcode;
  readonly final: boolean;
  readonly payload: Uint8Array<ArrayBuffer>;
  readonly length: number;
  readonly left: number;

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
  }

  text(): string {
    return decoder.decode(this.payload);
  }

  startsWith(prefix: string): boolean {
    return this.text().startsWith(prefix);
  }
}

/** Records what a handler does to its connection; payloads are copied at once. */
export class FakeConnection<State = unknown> implements Connection<State> {
  readonly id: string = "fake-1";
  readonly listener: ListenerName;
  readonly path: string = "/fake";
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
  /** All frames in the order of the calls. */
  readonly sent: Sent[] = [];
  /** Whether it was cut. */
  isAborted = false;
  /** Whether it is not read from. */
  isPaused = false;
  /** Bytes that the handler says it holds. */
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

  /** Runs what was queued, and nothing that it queues. */
  async runWork(): Promise<void> {
    for (const work of this.#work.splice(0)) await work();
  }

  #record(opcode: Opcode, payload: string | Uint8Array, final: boolean): void {
    this.sent.push(sent(opcode, payload, final));
  }
}

/** Sets the service's log up to keep its lines, until it is disposed of. */
export class LogCapture implements Disposable {
  /** `LEVEL tag: message arguments`, oldest first. */
  readonly lines: string[] = [];

  constructor(level: LevelName) {
    setupLog({ level, format: "text", colors: false });
    setup({
      handlers: { kept: new KeepingHandler(this.lines) },
      loggers: Object.fromEntries(
        [...TAGS, "default"].map((tag) => [tag, { level, handlers: ["kept"] }]),
      ),
    });
  }

  [Symbol.dispose](): void {
    setupLog({ level: "INFO", format: "text", colors: false });
    setup({});
  }
}

class KeepingHandler extends BaseHandler {
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
