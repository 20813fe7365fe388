/**
 * Records of connections that a test plays, with a clock of its own.
 *
 * @module
 */

import {
  closePayload,
  encodeFrame,
  type FrameOptions,
  type Payload,
} from "../../../lib/client/frame.ts";
import type { Opcode } from "../../../lib/websocket.ts";
import {
  type Budget,
  ConnectionRecord,
} from "../../../handlers/journal/record/connection_record.ts";
import { WireRecorder } from "../../../handlers/journal/record/wire_recorder.ts";
import { REMOTE_ADDR } from "../fakes.ts";

const encoder = new TextEncoder();

/** A budget without a limit, which counts. */
export class CountingBudget implements Budget {
  held = 0;

  take(bytes: number): boolean {
    this.held += bytes;
    return true;
  }

  give(bytes: number): void {
    this.held -= bytes;
  }
}

/** Fields of a correct handshake. */
export const REQUEST = [
  "GET /ws?journal=test HTTP/1.1",
  "Host: localhost:8001",
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Key: 3wNPTLcRPmJvTbOgnv6hRw==",
  "Sec-WebSocket-Version: 13",
];

const RESPONSE = [
  "HTTP/1.1 101 Switching Protocols",
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Accept: x",
];

/** A recorded connection of the frame listener; its methods play both sides. */
export class Played {
  readonly budget = new CountingBudget();
  readonly record: ConnectionRecord;
  readonly recorder: WireRecorder;
  #now = 0;

  constructor(id = 1) {
    this.record = new ConnectionRecord({
      id,
      listener: "frame",
      remoteAddr: REMOTE_ADDR,
      budget: this.budget,
      now: () => this.#now,
    });
    this.recorder = new WireRecorder(this.record);
  }

  /** A connection after its handshake. */
  static open(
    request: readonly string[] = REQUEST,
    response: readonly string[] = RESPONSE,
    id = 1,
  ): Played {
    return new Played(id).request(request).response(response);
  }

  /** The time passes, in milliseconds. */
  pass(milliseconds: number): this {
    this.#now += milliseconds;
    return this;
  }

  request(lines: readonly string[] = REQUEST): this {
    this.recorder.received(encoder.encode(`${lines.join("\r\n")}\r\n\r\n`));
    return this;
  }

  response(lines: readonly string[] = RESPONSE): this {
    this.recorder.endEvent();
    this.recorder.sent(encoder.encode(`${lines.join("\r\n")}\r\n\r\n`));
    return this;
  }

  /** The client sends a frame. */
  client(
    opcode: Opcode | number,
    payload: Payload = "",
    options: FrameOptions = {},
  ): this {
    this.recorder.received(encodeFrame(opcode, payload, options));
    return this;
  }

  /** The server sends a frame. */
  server(
    opcode: Opcode | number,
    payload: Payload = "",
    options: FrameOptions = {},
  ): this {
    const frame = encodeFrame(opcode, payload, { ...options, mask: "none" });
    this.recorder.sent(frame);
    return this;
  }

  clientClose(code?: number, reason: Payload = ""): this {
    return this.client("close", closePayload(code, reason));
  }

  serverClose(code?: number, reason: Payload = ""): this {
    return this.server("close", closePayload(code, reason));
  }

  clientFin(): this {
    this.recorder.inputEnded();
    return this;
  }

  serverFin(): this {
    this.recorder.outputEnded();
    return this;
  }

  ended(end: "closed" | "failed" = "closed"): this {
    this.recorder.ended(end);
    return this;
  }
}
