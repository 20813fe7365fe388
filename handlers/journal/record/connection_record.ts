/**
 * The record of one connection: request, response, and entries in order.
 *
 * @module
 */

import { CONTROL } from "../../../lib/frame/codec/header.ts";
import { ARRAY_BYTES } from "../../../lib/memory/array_bytes.ts";
import { addressText } from "../../../lib/protocol/address_text.ts";
import type { ListenerName } from "../../../lib/websocket.ts";
import type {
  BytesEntry,
  EndEntry,
  Entry,
  FrameEntry,
  Side,
  WireHeader,
} from "./entry.ts";
import type { FaultExpectation } from "./fault.ts";
import { type Head, statusOf } from "./head.ts";
import { MessageTracker } from "./message_tracker.ts";

/** Bytes of a payload that are kept: all of a control frame's (RFC 6455 §5.5). */
export const PAYLOAD_HEAD = 128;

/** Entries of a record; above it, data frames are counted only. */
export const MAX_ENTRIES = 2000;

/** Further entries that are no data frames, so that the end of a long record is kept. */
const MAX_OTHER_ENTRIES = 500;

/** Bytes that an entry takes in memory, without its payload. */
const ENTRY_SIZE = 200 + ARRAY_BYTES;

/** The status of an accepted handshake. */
export const SWITCHING_PROTOCOLS = 101;

/** The state of a recorded connection. */
export type State = "handshake" | "open" | "refused" | "closed";

/** Memory for records. */
export interface Budget {
  /**
   * Takes bytes.
   *
   * @returns false where there are no more
   */
  take(bytes: number): boolean;
  /** Gives bytes back. */
  give(bytes: number): void;
}

/** The parts of a record that are known when it begins. */
export interface RecordOptions {
  /** Number of the connection among those of its journal, from 1. */
  readonly id: number;
  /** The listener of the connection. */
  readonly listener: ListenerName;
  /** The client's address. */
  readonly remoteAddr: Deno.Addr;
  /** Memory for the entries. */
  readonly budget: Budget;
  /** Called after each change. */
  readonly changed?: () => void;
  /**
   * The clock, in milliseconds.
   * @default performance.now
   */
  readonly now?: () => number;
}

/** A frame or a message to be recorded. */
export interface NewFrame {
  /** The side that sends it. */
  readonly from: Side;
  /** A number from 0 to 15. */
  readonly opcode: number;
  /** The FIN bit. */
  readonly final: boolean;
  /** Bytes of the payload. */
  readonly length: number;
  /** Whether it arrived together with the request. */
  readonly isPipelined?: boolean;
  /** Absent for a message of the edge listener. */
  readonly wire?: WireHeader;
}

/** The record of one connection. */
export class ConnectionRecord {
  /** Number of the connection among those of its journal, from 1. */
  readonly id: number;
  /** The listener of the connection. */
  readonly listener: ListenerName;
  /** The client's address. */
  readonly remoteAddress: string;
  /** Start of the record, in milliseconds since the epoch. */
  readonly startedAt: number = Date.now();
  /** Whether the entries are frames, or the messages that the edge listener shows. */
  readonly shows: "frames" | "messages";
  /** The entries in order. */
  readonly entries: Entry[] = [];
  /** Follows the client's messages. */
  readonly client: MessageTracker;
  /** Number of entries that were left out. */
  omitted = 0;
  /** The state of the connection. */
  state: State = "handshake";
  /** The request; `undefined` until its head is complete. */
  request: Head | undefined;
  /** The response; `undefined` until its head is complete. */
  response: Head | undefined;
  /** Status of the response; `undefined` if its first line has none. */
  status: number | undefined;

  readonly #budget: Budget;
  readonly #changed: () => void;
  readonly #now: () => number;
  readonly #start: number;
  #held = 0;
  #isDiscarded = false;
  #endedAfter: number | undefined;
  #next = 0;

  /**
   * Begins a record.
   *
   * @param options of the connection
   */
  constructor(options: RecordOptions) {
    this.id = options.id;
    this.listener = options.listener;
    this.remoteAddress = addressText(options.remoteAddr);
    this.shows = options.listener === "frame" ? "frames" : "messages";
    this.#budget = options.budget;
    this.#changed = options.changed ?? (() => {});
    this.#now = options.now ?? (() => performance.now());
    this.#start = this.#now();
    this.client = new MessageTracker((bytes) => this.#take(bytes));
  }

  /** Milliseconds since the record began; of an ended connection, to its end. */
  get duration(): number {
    return this.#endedAfter ?? this.#time();
  }

  /** Whether the response is none that opens a WebSocket. */
  get isRefused(): boolean {
    return this.response !== undefined && this.status !== SWITCHING_PROTOCOLS;
  }

  /** Whether the connection is over. */
  get isEnded(): boolean {
    return this.state === "closed" || this.state === "refused";
  }

  /**
   * Records the request.
   *
   * @param head of the request
   */
  requested(head: Head): void {
    this.request = head;
    this.#head("request", "client", head);
  }

  /**
   * Records the response.
   *
   * @param head of the response; a 101 opens the connection
   */
  responded(head: Head): void {
    this.response = head;
    this.status = statusOf(head);
    if (this.status === SWITCHING_PROTOCOLS) this.state = "open";
    this.#head("response", "server", head);
  }

  /**
   * Records the start of a frame or a message.
   *
   * @param frame its header
   * @returns the entry, which {@linkcode payload} and {@linkcode complete} fill;
   * without a place in the record if the record is full
   */
  frame(frame: NewFrame): FrameEntry {
    const { from, opcode, final, length, isPipelined, wire } = frame;
    const entry: FrameEntry = {
      ...this.#common(from),
      kind: wire === undefined ? "message" : "frame",
      opcode,
      final,
      length,
      head: new Uint8Array(Math.min(length, PAYLOAD_HEAD)),
      seen: 0,
      completedAt: undefined,
      isInvalidText: false,
      ...(isPipelined && { isPipelined }),
      ...(wire && { wire }),
    };
    this.#add(entry, opcode < CONTROL, entry.head.length);
    return entry;
  }

  /**
   * Adds bytes to the payload of a frame; the first ones are kept.
   *
   * @param entry of the frame
   * @param bytes unmasked
   */
  payload(entry: FrameEntry, bytes: Uint8Array): void {
    const { head, seen } = entry;
    if (seen < head.length) {
      head.set(bytes.subarray(0, head.length - seen), seen);
    }
    entry.seen += bytes.length;
  }

  /**
   * Completes a frame.
   *
   * @param entry of the frame
   */
  complete(entry: FrameEntry): void {
    entry.completedAt = this.#time();
    this.#changed();
  }

  /**
   * Records a message of the edge listener, or its CLOSE.
   *
   * @param from the side that sends it
   * @param opcode of the message
   * @param payload of the message
   * @param final false: a fragment
   */
  message(
    from: Side,
    opcode: number,
    payload: Uint8Array,
    final = true,
  ): void {
    const entry = this.frame({ from, opcode, final, length: payload.length });
    this.payload(entry, payload);
    this.complete(entry);
  }

  /**
   * Records bytes that are no frame; consecutive ones of one side are one entry.
   *
   * @param from the side that sends them
   * @param bytes any number
   */
  bytes(from: Side, bytes: Uint8Array): void {
    const last = this.entries.at(-1);
    if (last?.kind === "bytes" && last.from === from) {
      addBytes(last, bytes);
      this.#changed();
      return;
    }
    const head = bytes.slice(0, PAYLOAD_HEAD);
    const { length } = bytes;
    this.#add(
      { ...this.#common(from), kind: "bytes", length, head },
      true,
      PAYLOAD_HEAD,
    );
  }

  /**
   * Records that a side has ended its output.
   *
   * @param from the side
   */
  fin(from: Side): void {
    this.#add({ ...this.#common(from), kind: "fin" }, false);
  }

  /**
   * Records that the server violates a rule on purpose, before it does so.
   *
   * @param name of the fault
   * @param expectation what a correct client does
   */
  fault(name: string, expectation: FaultExpectation): void {
    this.#add(
      { ...this.#common("server"), kind: "fault", name, expectation },
      false,
    );
  }

  /**
   * Records the end of the connection; nothing is recorded after it.
   *
   * @param how whether a read or a write has failed before
   * @param from the side that ended it
   */
  end(how: EndEntry["how"], from: Side): void {
    if (this.isEnded) return;
    this.#add({ ...this.#common(from), kind: "end", how }, false);
    this.#endedAfter = this.#time();
    this.state = this.isRefused ? "refused" : "closed";
    this.#changed();
  }

  /** Forgets the entries, gives the memory back and records no more. */
  discard(): void {
    this.#isDiscarded = true;
    this.#budget.give(this.#held);
    this.#held = 0;
    this.entries.length = 0;
    this.client.compressed.length = 0;
  }

  #head(kind: "request" | "response", from: Side, head: Head): void {
    const size = head.fields.reduce(
      (sum, [name, value]) => sum + name.length + value.length,
      head.line.length,
    );
    this.#add({ ...this.#common(from), kind, line: head.line }, false, size);
  }

  #common(from: Side) {
    return { n: this.#next, time: this.#time(), from };
  }

  #time(): number {
    return Math.round((this.#now() - this.#start) * 1000) / 1000;
  }

  #add(entry: Entry, isData: boolean, payload = 0): void {
    if (this.#isDiscarded || this.isEnded) return;
    const limit = isData ? MAX_ENTRIES : MAX_ENTRIES + MAX_OTHER_ENTRIES;
    this.#next++;
    if (this.entries.length >= limit || !this.#take(ENTRY_SIZE + payload)) {
      this.omitted++;
    } else this.entries.push(entry);
    this.#changed();
  }

  #take(bytes: number): boolean {
    if (this.#isDiscarded || !this.#budget.take(bytes)) return false;
    this.#held += bytes;
    return true;
  }
}

function addBytes(entry: BytesEntry, bytes: Uint8Array): void {
  const missing = PAYLOAD_HEAD - entry.head.length;
  if (missing > 0) {
    const head = new Uint8Array(
      entry.head.length + Math.min(missing, bytes.length),
    );
    head.set(entry.head);
    head.set(bytes.subarray(0, missing), entry.head.length);
    entry.head = head;
  }
  entry.length += bytes.length;
}
