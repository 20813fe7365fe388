/**
 * The answer to a handshake while the steps of the handshake change it.
 *
 * @module
 */

import { httpErrorResponse } from "../../../lib/protocol/http_error.ts";
import type { HandshakeInfo } from "../../../lib/websocket.ts";
import type { Delivery } from "./endpoint.ts";

/** A header field with its name as it is written. */
export type Field = [name: string, value: string];

/** The connection of a draft. */
export interface DraftOptions {
  /** The handshake request. */
  readonly request: Request;
  /** The listener, and the client's address. */
  readonly info: HandshakeInfo;
  /**
   * The fields of the 101 that the listener would send; empty where the listener writes
   * the 101 itself.
   */
  readonly fields: readonly Field[];
  /**
   * Waits for a time.
   *
   * @param ms milliseconds
   * @returns false if the client or the service ends the wait
   */
  readonly wait: (ms: number) => PromiseLike<boolean>;
}

/** The answer to one handshake. Steps change its members. */
export class Draft {
  /** The handshake request. */
  readonly request: Request;
  /** The listener, and the client's address. */
  readonly info: HandshakeInfo;
  /** Waits for a time; false if the client or the service ends the wait. */
  readonly wait: (ms: number) => PromiseLike<boolean>;
  /** The fields of the answer, in order. */
  readonly fields: Field[];
  /** The fields that steps have added; a refusal has them, too. */
  readonly added: Field[] = [];
  /** The response of a refusal. */
  refusal: Response | undefined;
  /** The subprotocol; `undefined`: the negotiated one. */
  protocol: string | undefined;
  /** False: permessage-deflate is not negotiated. */
  compression: false | undefined;
  /** HTTP version of the status line. */
  version = "1.1";
  /** Bytes in front of the status line. */
  junk: Uint8Array<ArrayBuffer> | undefined;
  /** Body of the 101. */
  body = "";
  /** Whether the 101 and the first frames are one segment. */
  isGlued = false;
  /** How the output is cut. */
  delivery: Delivery = { kind: "whole" };
  /**
   * Base-2 logarithm of the server's window in the agreed permessage-deflate, 9 to 15;
   * `undefined`: not agreed.
   */
  windowBits: number | undefined;
  /** A handshake without an answer: TCP stays open, or ends. */
  silence: "waits" | "ends" | undefined;

  /**
   * Makes the answer that accepts.
   *
   * @param options request, fields and time
   */
  constructor({ request, info, fields, wait }: DraftOptions) {
    this.request = request;
    this.info = info;
    this.wait = wait;
    this.fields = fields.map(([name, value]) => [name, value]);
  }

  /** Whether no further step of the handshake has an effect. */
  get isDecided(): boolean {
    return this.refusal !== undefined || this.silence !== undefined;
  }

  /**
   * Refuses the handshake with 400.
   *
   * @param message the reason
   */
  refuse(message: string): void {
    this.refusal = httpErrorResponse(this.request, { status: 400, message });
  }

  /**
   * Adds a field to the answer, or to the refusal.
   *
   * @param name of the field
   * @param value of the field
   */
  add(name: string, value: string): void {
    this.fields.push([name, value]);
    this.added.push([name, value]);
  }

  /**
   * Replaces a field of the answer.
   *
   * @param name of the field
   * @param values the new values; none removes the field
   */
  replace(name: string, values: readonly string[]): void {
    const { fields } = this;
    const isNamed = ([other]: Field) =>
      other.toLowerCase() === name.toLowerCase();
    const index = fields.findIndex(isNamed);
    const at = index < 0 ? fields.length : index;
    const kept = fields.filter((field) => !isNamed(field));
    kept.splice(at, 0, ...values.map((value): Field => [name, value]));
    fields.splice(0, fields.length, ...kept);
  }

  /**
   * The value of a field of the answer.
   *
   * @param name of the field
   */
  field(name: string): string | undefined {
    return this.fields.find(([other]) =>
      other.toLowerCase() === name.toLowerCase()
    )?.[1];
  }
}
