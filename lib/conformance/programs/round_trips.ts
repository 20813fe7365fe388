/**
 * Runs {@linkcode RoundTrips}: a message, its echo, the next message. While the engine
 * waits for an echo, it compresses the next message.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { CLOSE_CODE } from "../../protocol/close_code.ts";
import { OPCODE_NUMBER } from "../../websocket.ts";
import type { RoundTrips } from "../case/case.ts";
import type { ReceivedEvent, Traffic } from "../case/result.ts";
import { sampleBytes } from "../case/samples.ts";
import type { Compression } from "../engine/compression.ts";
import type { Endpoint } from "../engine/endpoint.ts";
import { copying, frameCount } from "../engine/message_chunks.ts";
import type { ProgramVerdict, RunningProgram } from "./running_program.ts";
import type { WireLog } from "../engine/wire_log.ts";

/** RSV1: the message is compressed (RFC 7692 §6). */
const COMPRESSED = 4;

/** A message that is ready to be sent. */
interface Prepared {
  /** The payload before compression. */
  readonly payload: Uint8Array;
  /** The payload on the wire. */
  readonly wire: Uint8Array;
}

/** Round trips while they run. */
export class RunningRoundTrips implements RunningProgram {
  /** Events are compared as they arrive. */
  readonly received: readonly ReceivedEvent[] = [];
  /** Traffic of the messages; its `wireLevel` is not counted here. */
  readonly traffic: Traffic = {
    appLevel: 0,
    webSocketLevel: 0,
    wireLevel: 0,
    frames: 0,
    messages: 0,
  };
  /** Whether every message came back. */
  isDone = false;

  readonly #trips: RoundTrips;
  readonly #compression: Compression | undefined;
  readonly #endpoint: Endpoint;
  readonly #log: WireLog;
  readonly #source: Uint8Array;
  #verdict: ProgramVerdict;
  /** Offset of the next message in the sample. */
  #at = 0;
  #sent = 0;
  #current: Prepared | undefined;
  #next: Prepared | undefined;
  #isSame = true;
  #hasFailed = false;

  /**
   * Prepares round trips.
   *
   * @param trips to run
   * @param compression if it is negotiated
   * @param endpoint the engine's end
   * @param log is off during the round trips
   */
  constructor(
    trips: RoundTrips,
    compression: Compression | undefined,
    endpoint: Endpoint,
    log: WireLog,
  ) {
    this.#trips = trips;
    this.#compression = compression;
    this.#endpoint = endpoint;
    this.#log = log;
    this.#source = typeof trips.source === "number"
      ? new Uint8Array(trips.length).fill(trips.source)
      : sampleBytes(trips.source);
    this.#verdict = {
      behavior: "FAILED",
      result: `Not all messages came back within ${trips.seconds} s.`,
    };
  }

  /** Sends the first message; without the required extension, closes. */
  start(): void {
    this.#log.enable(false);
    if (this.#trips.deflate !== undefined && this.#compression === undefined) {
      this.#end({
        behavior: "UNIMPLEMENTED",
        result: "The extension permessage-deflate was not negotiated.",
      });
      return;
    }
    this.#endpoint.closeAfter(this.#trips.seconds);
    this.#sendOne();
  }

  /** Compresses the next message. */
  idle(): void {
    if (this.#sent < this.#trips.count && this.#endpoint.state === "open") {
      this.#next ??= this.#prepare();
    }
  }

  /** Compares a part of an echo. */
  part(bytes: Uint8Array, offset: number): void {
    const payload = this.#current?.payload;
    if (payload === undefined || !this.#isSame) return;
    const expected = payload.subarray(offset, offset + bytes.length);
    this.#isSame = Buffer.compare(expected, bytes) === 0;
  }

  /** Compares an echo, and sends the next message. */
  message(opcode: "text" | "binary", length: number): void {
    if (this.#current === undefined || this.#hasFailed) return;
    const fault = this.#faultOf(opcode, length);
    if (fault !== undefined) {
      this.#hasFailed = true;
      this.#end({ behavior: "FAILED", result: fault });
    } else if (this.#sent < this.#trips.count) this.#sendOne();
    else {
      this.isDone = true;
      this.#end({ behavior: "OK", result: "All messages came back in time." });
    }
  }

  /** Is not expected, and is ignored. */
  pong(): void {}

  /** The verdict at the end. */
  verdict(): ProgramVerdict {
    return this.#verdict;
  }

  #faultOf(opcode: string, length: number): string | undefined {
    const { count, opcode: expected, length: wanted, deflate } = this.#trips;
    const which = `Echo ${this.#sent} of ${count}`;
    if (opcode !== expected) return `${which} is ${opcode}, not ${expected}.`;
    if (length !== wanted) {
      return `${which} has ${length} bytes, not ${wanted}.`;
    }
    // As in the suite, 9.7 and 9.8 compare no content.
    return deflate !== undefined && !this.#isSame
      ? `${which} has other content than the message.`
      : undefined;
  }

  #end(verdict: ProgramVerdict): void {
    this.#verdict = verdict;
    this.#next = undefined;
    this.#log.enable(true);
    this.#endpoint.sendClose(CLOSE_CODE.normal);
  }

  #sendOne(): void {
    const { wire } = this.#current = this.#next ?? this.#prepare();
    const { opcode, fragmentSize, length } = this.#trips;
    this.#next = undefined;
    this.#isSame = true;
    this.#sent++;
    this.traffic.appLevel += length;
    this.traffic.webSocketLevel += wire.length;
    this.traffic.frames += frameCount(wire.length, fragmentSize);
    this.traffic.messages++;
    this.#endpoint.send({
      opcode: OPCODE_NUMBER[opcode],
      rsv: this.#compression === undefined ? 0 : COMPRESSED,
      final: true,
      length: wire.length,
      fragmentSize,
      fill: copying(wire),
    });
  }

  #prepare(): Prepared {
    const payload = this.#payload();
    const wire = this.#compression?.deflate(payload) ?? payload;
    return { payload, wire };
  }

  /** The next bytes of the sample; after its end it begins again. */
  #payload(): Uint8Array {
    const { length } = this.#trips;
    const source = this.#source;
    if (source.length === length) return source;
    const start = this.#at;
    const end = (start + length) % source.length;
    this.#at = end;
    if (end > start) return source.subarray(start, end);
    const payload = new Uint8Array(length);
    payload.set(source.subarray(start));
    payload.set(source.subarray(0, end), source.length - start);
    return payload;
  }
}
