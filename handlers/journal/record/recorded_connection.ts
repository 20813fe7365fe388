/**
 * A connection whose sends are recorded.
 *
 * @module
 */

import { encodeClose } from "../../../lib/protocol/close_code.ts";
import {
  type Connection,
  type Frame,
  OPCODE_NUMBER,
  type SendOptions,
} from "../../../lib/websocket.ts";
import type { ConnectionRecord } from "./connection_record.ts";

const encoder = new TextEncoder();

/** Passes every call on to a connection, and records what it sends. */
export class RecordedConnection implements Connection {
  readonly #connection: Connection;
  readonly #record: ConnectionRecord;

  /**
   * Makes a connection that records.
   *
   * @param connection of the listener
   * @param record gets the entries
   */
  constructor(connection: Connection, record: ConnectionRecord) {
    this.#connection = connection;
    this.#record = record;
  }

  /** Id of the session. */
  get id(): string {
    return this.#connection.id;
  }

  /** The listener. */
  get listener(): Connection["listener"] {
    return this.#connection.listener;
  }

  /** The route's path. */
  get path(): string {
    return this.#connection.path;
  }

  /** Parameters of the route's pattern. */
  get params(): Connection["params"] {
    return this.#connection.params;
  }

  /** Time of the handshake's end, in milliseconds since the epoch. */
  get openedAt(): number {
    return this.#connection.openedAt;
  }

  /** Counts of messages and bytes. */
  get traffic(): Connection["traffic"] {
    return this.#connection.traffic;
  }

  /** Number of the last activity of the client. */
  get lastActivity(): number {
    return this.#connection.lastActivity;
  }

  /** The handshake request. */
  get request(): Connection["request"] {
    return this.#connection.request;
  }

  /** The client's address. */
  get remoteAddr(): Deno.Addr {
    return this.#connection.remoteAddr;
  }

  /** The negotiated subprotocol, or `""`. */
  get protocol(): string {
    return this.#connection.protocol;
  }

  /** The features of the listener. */
  get capabilities(): Connection["capabilities"] {
    return this.#connection.capabilities;
  }

  /** Bytes that wait for the client. */
  get bufferedAmount(): number {
    return this.#connection.bufferedAmount;
  }

  /** Whether the connection can send. */
  get isOpen(): boolean {
    return this.#connection.isOpen;
  }

  /** The handler's data. */
  get state(): unknown {
    return this.#connection.state;
  }

  /** Sets the handler's data. */
  set state(state: unknown) {
    this.#connection.state = state;
  }

  /**
   * Sends and records a message or a fragment.
   *
   * @param data as for {@linkcode Connection.send}
   * @param options as for {@linkcode Connection.send}
   */
  send(data: string | Uint8Array | Frame, options: SendOptions = {}): void {
    const wasOpen = this.isOpen;
    this.#connection.send(data, options);
    if (!wasOpen) return;
    const { opcode, final, payload } = messageOf(data, options);
    this.#record.message("server", opcode, payload, final);
  }

  /** Waits until all is handed to the operating system. */
  flushed(): Promise<void> {
    return this.#connection.flushed();
  }

  /**
   * Sends a PING, if the listener can.
   *
   * @param payload at most 125 bytes
   */
  ping(payload?: Uint8Array): void {
    this.#connection.ping(payload);
  }

  /**
   * Starts the closing handshake, and records the CLOSE.
   *
   * @param code as for {@linkcode Connection.close}
   * @param reason as for {@linkcode Connection.close}
   */
  close(code?: number, reason?: string): void {
    const wasOpen = this.isOpen;
    this.#connection.close(code, reason);
    if (!wasOpen) return;
    const payload = encodeClose(code, reason);
    this.#record.message("server", OPCODE_NUMBER.close, payload);
  }

  /** Ends TCP without CLOSE, if the listener can. */
  abort(): void {
    this.#connection.abort();
  }

  /** Pauses reading, if the listener can. */
  pauseReading(): void {
    this.#connection.pauseReading();
  }

  /** Resumes reading, if the listener can. */
  resumeReading(): void {
    this.#connection.resumeReading();
  }

  /**
   * Runs work on the work queue.
   *
   * @param work as for {@linkcode Connection.queueWork}
   */
  queueWork(work: () => void | Promise<void>): void {
    this.#connection.queueWork(work);
  }

  /**
   * Charges memory to the connection.
   *
   * @param bytes change of the number of bytes
   */
  charge(bytes: number): void {
    this.#connection.charge(bytes);
  }
}

function messageOf(
  data: string | Uint8Array | Frame,
  options: SendOptions,
): { opcode: number; final: boolean; payload: Uint8Array } {
  if (typeof data !== "string" && !(data instanceof Uint8Array)) {
    const { opcode = data.opcode, final = data.final } = options;
    return { opcode: OPCODE_NUMBER[opcode], final, payload: data.payload };
  }
  const isText = typeof data === "string";
  const { opcode = isText ? "text" : "binary", final = true } = options;
  const payload = isText ? encoder.encode(data) : data;
  return { opcode: OPCODE_NUMBER[opcode], final, payload };
}
