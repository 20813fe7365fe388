/**
 * The engine's end of a connection: what it sends, and the closing handshake. The rules
 * for the end are those of the suite, so that the verdicts are the same.
 *
 * @module
 */

import { isUtf8 } from "node:buffer";
import { CONTROL } from "../../frame/codec/header.ts";
import { CLOSE_CODE, isCloseCodeAllowed } from "../../protocol/close_code.ts";
import { yieldToOthers } from "../../scheduling/scheduler.ts";
import { OPCODE_NUMBER } from "../../websocket.ts";
import type { FrameStep } from "../case/case.ts";
import { type EndState, NOT_ENDED, type Role } from "../case/result.ts";
import { limitFactor } from "./load.ts";
import {
  copying,
  frameCount,
  messageChunks,
  type OutgoingMessage,
  repeating,
} from "./message_chunks.ts";
import { MAX_JOINED, type Output, type OutputEntry } from "./output.ts";
import { headOf, type WireLog } from "./wire_log.ts";

/** Milliseconds for the answer to a CLOSE, and then for the end of TCP. */
const CLOSE_TIMEOUT = 1000;

const NO_BYTES = new Uint8Array(0);

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

const { close: CLOSE, pong: PONG } = OPCODE_NUMBER;

/**
 * Timers of a time limit, one after the other. If the system stops the process for a
 * second, one of them expires in that time, and the peer has the time of the others.
 */
const PARTS = 10;

/** A wait that is under way. */
interface Wait {
  /** The timer that runs now. */
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** The engine's end of a connection. */
export class Endpoint {
  /** The engine's role. */
  readonly role: Role;
  /** How the connection ends. */
  readonly end: EndState = { ...NOT_ENDED };
  /** `closing` after the engine's CLOSE, `closed` after the end of TCP. */
  state: "open" | "closing" | "closed" = "open";
  /** Called for every data message and fragment that is sent. */
  onSent: ((bytes: number, endsMessage: boolean) => void) | undefined;
  /** Resolves at the end of TCP. */
  readonly closed: Promise<void>;

  readonly #output: Output;
  readonly #log: WireLog;
  readonly #drop: () => void;
  readonly #resolve: () => void;
  readonly #waits = new Set<Wait>();
  /** The time limit of the answer to CLOSE. */
  #closeLimit: Wait | undefined;

  /**
   * Makes the end of an open connection.
   *
   * @param role the engine's role
   * @param output for the frames
   * @param log gets the frames and the time limits
   * @param drop ends TCP
   */
  constructor(role: Role, output: Output, log: WireLog, drop: () => void) {
    this.role = role;
    this.#output = output;
    this.#log = log;
    this.#drop = drop;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.#resolve = resolve;
  }

  /** Whether frames are masked. */
  get masked(): boolean {
    return this.role === "client";
  }

  /** Sends a frame as it is described, in any state but `closed`. */
  sendFrame(frame: Omit<FrameStep, "do">): void {
    const { opcode, payload = NO_BYTES, final = true, rsv = 0 } = frame;
    const length = frame.length ?? payload.length;
    const { chop, alone } = frame;
    const fill = length === payload.length
      ? copying(payload)
      : repeating(payload);
    this.#logFrame(opcode, final, rsv, length, payload, { chop, alone });
    const paced = chop !== undefined || alone;
    this.send({ opcode, rsv, final, length, fill }, { chop, alone, paced });
  }

  /**
   * Sends a message in fragments, and logs each.
   *
   * @param opcode of the first frame
   * @param payload of the message
   * @param fragmentSize bytes of each fragment; unset: one frame
   */
  sendMessage(
    opcode: number,
    payload: Uint8Array,
    fragmentSize?: number,
  ): void {
    if (this.state !== "open") return;
    const { length } = payload;
    const count = frameCount(length, fragmentSize);
    for (let i = 0; i < count; i++) {
      const start = i * (fragmentSize ?? length);
      this.sendFrame({
        opcode: i === 0 ? opcode : OPCODE_NUMBER.continuation,
        payload: count === 1
          ? payload
          : payload.subarray(start, start + fragmentSize!),
        final: i === count - 1,
      });
    }
  }

  /**
   * Sends a message without logging its frames; it may be large.
   *
   * @param message to send
   * @param writes how it is written
   */
  send(
    message: Omit<OutgoingMessage, "masked" | "chunkSize">,
    writes: Omit<OutputEntry, "chunks"> = {},
  ): void {
    const { chop = 1 } = writes;
    const count = frameCount(message.length, message.fragmentSize);
    if (message.opcode < CONTROL) this.onSent?.(message.length, message.final);
    this.#log.frames(true, message.opcode);
    if (count > 1) this.#log.frames(true, 0, count - 1);
    const chunks = messageChunks({
      ...message,
      masked: this.masked,
      chunkSize: Math.floor(MAX_JOINED / chop) * chop,
    });
    this.#output.push({ chunks, ...writes });
  }

  /** Sends bytes that are no whole frame. */
  sendBytes(bytes: Uint8Array<ArrayBuffer>): void {
    this.#output.push({ chunks: [bytes], alone: true });
  }

  /**
   * Sends CLOSE, once.
   *
   * @param code any code; unset: none
   * @param reason any bytes
   * @param isReply whether it answers the peer's CLOSE
   */
  sendClose(code?: number, reason?: Uint8Array, isReply = false): void {
    if (this.state !== "open") return;
    const payload = new Uint8Array(
      (code === undefined ? 0 : 2) + (reason?.length ?? 0),
    );
    if (code !== undefined) new DataView(payload.buffer).setUint16(0, code);
    if (reason !== undefined) {
      payload.set(reason, payload.length - reason.length);
    }
    this.sendFrame({ opcode: CLOSE, payload });
    this.state = "closing";
    const { end } = this;
    end.closedByMe = !isReply;
    end.localCloseCode = code ?? null;
    end.localCloseReason = reason === undefined ? null : textOf(reason);
    if (isReply) return;
    this.#closeLimit = this.#limit(CLOSE_TIMEOUT, () => {
      end.wasClean = false;
      end.wasNotCleanReason = "the peer has not answered CLOSE in time";
      end.wasCloseHandshakeTimeout = true;
      this.#dropNow();
    });
  }

  /**
   * Fails the connection: CLOSE or, after CLOSE, the end of TCP.
   *
   * @param code of the CLOSE
   * @param reason of the CLOSE
   */
  fail(code: number, reason: string): void {
    if (this.state === "closed") return;
    this.end.failedByMe = true;
    if (this.state === "open") this.sendClose(code, encoder.encode(reason));
    else this.#dropFlushed();
  }

  /** Handles the peer's PING. */
  pinged(payload: Uint8Array): void {
    if (this.state === "open") this.sendFrame({ opcode: PONG, payload });
  }

  /**
   * Handles the peer's CLOSE.
   *
   * @param payload of the frame
   */
  closeReceived(payload: Uint8Array): void {
    const { end } = this;
    const code = payload.length < 2 ? null : payload[0]! << 8 | payload[1]!;
    end.remoteCloseCode = code;
    end.remoteCloseReason = null;
    if (code !== null && !isCloseCodeAllowed(code)) {
      this.fail(CLOSE_CODE.protocolError, `invalid close code ${code}`);
      end.remoteCloseCode = CLOSE_CODE.normal;
    }
    if (payload.length > 2) {
      const reason = payload.subarray(2);
      if (isUtf8(reason)) end.remoteCloseReason = decoder.decode(reason);
      else this.fail(CLOSE_CODE.invalidPayload, "the reason is not UTF-8");
    }
    end.wasClean = this.state !== "closed";
    if (this.state === "closed") return;
    this.#cancel(this.#closeLimit);
    this.sendClose(CLOSE_CODE.normal, undefined, true);
    if (this.role === "server") this.#dropFlushed();
    else this.#awaitServerEnd();
  }

  /** Handles the end of TCP that the peer has caused. */
  lost(): void {
    if (this.state === "closed") return;
    this.#log.add({ kind: "end", by: "peer" });
    this.#finish();
    this.#output.discard();
    this.#drop();
    this.#resolve();
  }

  /** Fails the connection with 1001 unless it is over in time. */
  killAfter(seconds: number): void {
    this.#log.add({ kind: "limit", action: "fail", seconds });
    this.#limit(seconds * 1000, () => {
      this.#log.add({ kind: "limit over", action: "fail" });
      this.fail(CLOSE_CODE.goingAway, "going away");
    });
  }

  /** Sends CLOSE without a code unless the connection is over in time. */
  closeAfter(seconds: number): void {
    this.#log.add({ kind: "limit", action: "close", seconds });
    this.#limit(seconds * 1000, () => {
      this.#log.add({ kind: "limit over", action: "close" });
      this.sendClose();
    });
  }

  /**
   * Goes on after a time, unless the connection is over.
   *
   * @param seconds to wait
   * @param tag name of the wait
   * @param next the rest of the case
   * @returns continues now instead
   */
  later(
    seconds: number,
    tag: string | undefined,
    next: () => void,
  ): () => void {
    this.#log.add({ kind: "wait", seconds, tag });
    let isDone = false;
    const go = () => {
      if (isDone || this.state === "closed") return;
      isDone = true;
      this.#log.add({ kind: "wait over", tag });
      next();
    };
    this.#after(seconds * 1000, go);
    return go;
  }

  /** Runs something after a time limit, which is longer while many cases run. */
  #limit(milliseconds: number, run: () => void): Wait {
    return this.#after(milliseconds * limitFactor(), run, PARTS);
  }

  /**
   * Runs something after a time; what has arrived until then is handled before.
   *
   * @param parts number of timers that share the time
   */
  #after(milliseconds: number, run: () => void, parts = 1): Wait {
    const wait: Wait = { timer: undefined };
    let left = parts;
    const next = () => {
      if (left-- > 0) {
        wait.timer = setTimeout(next, milliseconds / parts);
        return;
      }
      this.#waits.delete(wait);
      yieldToOthers(() => {
        if (this.state !== "closed") run();
      });
    };
    next();
    this.#waits.add(wait);
    return wait;
  }

  #cancel(wait: Wait | undefined): void {
    if (wait === undefined) return;
    clearTimeout(wait.timer);
    this.#waits.delete(wait);
  }

  /** Both sides have sent CLOSE; the server has to end TCP (RFC 6455 §7.1.1). */
  #awaitServerEnd(): void {
    this.#limit(CLOSE_TIMEOUT, () => {
      const { end } = this;
      end.wasClean = false;
      end.wasNotCleanReason = "the server has not ended TCP in time";
      end.wasServerConnectionDropTimeout = true;
      this.#dropNow();
    });
  }

  #dropNow(): void {
    if (this.state === "closed") return;
    this.#dropping();
    this.#output.discard();
    this.#drop();
    this.#resolve();
  }

  /** Ends TCP when all is written, except for what is written a few bytes at a time. */
  #dropFlushed(): void {
    if (this.state === "closed") return;
    const { isChopping } = this.#output;
    this.#dropping();
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, CLOSE_TIMEOUT);
    if (isChopping) this.#output.discard();
    Promise.race([this.#output.flushed(), late]).then(() => {
      clearTimeout(timer);
      this.#output.discard();
      this.#drop();
      this.#resolve();
    });
  }

  #dropping(): void {
    this.end.droppedByMe = true;
    this.#log.add({ kind: "end", by: "engine" });
    this.#finish();
  }

  #finish(): void {
    this.state = "closed";
    for (const wait of this.#waits) this.#cancel(wait);
    const { end } = this;
    if (!end.wasClean && !end.droppedByMe && end.wasNotCleanReason === null) {
      end.wasNotCleanReason = "the peer has ended TCP without CLOSE";
    }
  }

  #logFrame(
    opcode: number,
    final: boolean,
    rsv: number,
    length: number,
    payload: Uint8Array,
    writes: {
      readonly chop?: number | undefined;
      readonly alone?: boolean | undefined;
    },
  ): void {
    if (!this.#log.isEnabled) return;
    const head = headOf(payload);
    const entry = { kind: "frame" as const, sent: true, opcode, final, rsv };
    this.#log.add({ ...entry, length, head, ...writes });
  }
}

function textOf(bytes: Uint8Array): string {
  return isUtf8(bytes) ? decoder.decode(bytes) : bytes.toHex();
}
