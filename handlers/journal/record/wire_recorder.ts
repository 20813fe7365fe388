/**
 * Records a connection of the frame listener from its bytes.
 *
 * @module
 */

import type { WireTap } from "../../../lib/wire.ts";
import type { ConnectionRecord } from "./connection_record.ts";
import type { FrameEntry, Side } from "./entry.ts";
import {
  type FrameHeader,
  FrameParser,
  type FrameSink,
} from "./frame_parser.ts";
import { HeadCollector, parseHead } from "./head.ts";

/** Makes the entries of a record from the bytes of both directions. */
export class WireRecorder implements WireTap {
  readonly #record: ConnectionRecord;
  readonly #client: Direction;
  readonly #server: Direction;
  /** The side that has ended its output first. */
  #firstFin: Side | undefined;

  /**
   * Makes a recorder for a connection without bytes.
   *
   * @param record gets the entries; it may have the request
   * @param afterEvent calls a function after the current event
   */
  constructor(
    record: ConnectionRecord,
    afterEvent: (call: () => void) => void = queueMicrotask,
  ) {
    this.#record = record;
    this.#client = new Direction(record, "client", (text) => {
      if (record.request === undefined) record.requested(parseHead(text));
      afterEvent(() => this.endEvent());
    });
    this.#server = new Direction(record, "server", (text) => {
      record.responded(parseHead(text));
    });
  }

  /**
   * Records bytes of the client.
   *
   * @param bytes valid during the call
   */
  received(bytes: Uint8Array): void {
    this.#client.push(bytes);
  }

  /**
   * Records bytes of the server.
   *
   * @param bytes valid during the call
   */
  sent(bytes: Uint8Array): void {
    this.#server.push(bytes);
  }

  /** Says that the event in which the request ended is over. */
  endEvent(): void {
    this.#client.endEvent();
  }

  /** Records that the client has ended its output. */
  inputEnded(): void {
    this.#firstFin ??= "client";
    this.#client.end();
    this.#record.fin("client");
  }

  /** Records that the server has ended its output. */
  outputEnded(): void {
    this.#firstFin ??= "server";
    this.#server.end();
    this.#record.fin("server");
  }

  /**
   * Records the end of the connection.
   *
   * @param end `failed` if a read or a write failed before
   */
  ended(end: "closed" | "failed"): void {
    this.#client.end();
    this.#server.end();
    const from = end === "failed" ? "client" : "server";
    this.#record.end(end, this.#firstFin ?? from);
  }
}

/** The bytes of one direction: a head, then frames, or a body without a 101. */
class Direction implements FrameSink {
  readonly #record: ConnectionRecord;
  readonly #from: Side;
  readonly #headComplete: (text: string) => void;
  readonly #frames = new FrameParser(this);
  #head: HeadCollector | undefined = new HeadCollector();
  #entry: FrameEntry | undefined;
  #isEnded = false;
  /** Whether the bytes arrive in the same event as the end of the head. */
  #isWithHead = false;

  constructor(
    record: ConnectionRecord,
    from: Side,
    headComplete: (text: string) => void,
  ) {
    this.#record = record;
    this.#from = from;
    this.#headComplete = headComplete;
  }

  push(bytes: Uint8Array): void {
    if (this.#head !== undefined) {
      const taken = this.#head.push(bytes);
      if (!this.#head.isComplete) return;
      const { text } = this.#head;
      this.#head = undefined;
      this.#headComplete(text);
      this.#isWithHead = true;
      bytes = bytes.subarray(taken);
    }
    if (bytes.length === 0) return;
    if (this.#record.isRefused) this.#record.bytes(this.#from, bytes);
    else this.#frames.push(bytes);
  }

  /** Further bytes do not arrive together with the head. */
  endEvent(): void {
    this.#isWithHead = false;
  }

  /** Records an incomplete head, or an incomplete header of a frame, as bytes. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    const bytes = this.#head?.bytes ?? this.#frames.incompleteHeader;
    if (bytes.length > 0) this.#record.bytes(this.#from, bytes);
  }

  started({ opcode, final, rsv, mask, lengthBits, length }: FrameHeader): void {
    const wire = { rsv, mask, lengthBits };
    const from = this.#from;
    const isPipelined = from === "client" && this.#isWithHead;
    const entry = this.#record.frame({
      from,
      opcode,
      final,
      length,
      isPipelined,
      wire,
    });
    this.#entry = entry;
    if (from === "server") return;
    const header = { opcode, final, rsv, mask, lengthBits, length };
    this.#record.client.started(header, entry.n);
  }

  payload(bytes: Uint8Array): void {
    const entry = this.#entry!;
    this.#record.payload(entry, bytes);
    if (this.#from === "server") return;
    if (!this.#record.client.payload(bytes)) entry.isInvalidText = true;
  }

  ended(): void {
    const entry = this.#entry!;
    if (this.#from === "client" && !this.#record.client.ended()) {
      entry.isInvalidText = true;
    }
    this.#record.complete(entry);
  }
}
