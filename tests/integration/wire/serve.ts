/**
 * Both listeners with a route whose handshake returns additions, in the process of the
 * test.
 *
 * @module
 */

import type { Service } from "../../../lib/listener/service.ts";
import { Router } from "../../../lib/routing/router.ts";
import type { Wire, WireTap } from "../../../lib/wire.ts";
import type {
  HandshakeExtras,
  WebSocketHandler,
} from "../../../lib/websocket.ts";
import { listenBoth, serviceOf } from "../../service.ts";
import { RawClient } from "../support/raw.ts";
import { handshake } from "../support/wire.ts";

/** Both listeners, and the service that they serve. */
export interface Running extends AsyncDisposable {
  /** The service. */
  readonly service: Service;
  /** The addresses. */
  readonly address: ReturnType<typeof listenBoth>["address"];
}

/**
 * Starts both listeners with the route `/`, an echo of messages.
 *
 * @param extras the result of its handshake
 * @param changes fields of the service
 */
export function serveExtras(
  extras: () => HandshakeExtras,
  changes: Partial<Service> = {},
): Running {
  const route: WebSocketHandler = {
    handshake: extras,
    frame: (connection, frame) => connection.send(frame),
  };
  const service = serviceOf({ router: new Router({ "/": route }), ...changes });
  const both = listenBoth(service);
  return {
    service,
    address: both.address,
    [Symbol.asyncDispose]: () => both[Symbol.asyncDispose](),
  };
}

/**
 * Starts both listeners with a route that a handler takes over.
 *
 * @param takeOver the handler
 * @param changes fields of the service
 */
export function serveWire(
  takeOver: (wire: Wire) => Promise<void>,
  changes: Partial<Service> = {},
): Running {
  return serveExtras(() => ({ takeOver }), changes);
}

/**
 * Connects to the frame listener and sends a handshake, and bytes after it.
 *
 * @param running the listeners
 * @param rest text after the request head
 */
export function dial(
  { address: { frame } }: Running,
  rest = "",
): Promise<RawClient> {
  return RawClient.connect(frame, handshake("/") + rest);
}

/** A tap that records its calls as text, a line each. */
export class RecordingTap implements WireTap {
  /** The calls. */
  readonly calls: [name: string, text?: string][] = [];
  /** Resolves when the connection has ended. */
  readonly done: Promise<void>;
  readonly #done = Promise.withResolvers<void>();

  constructor() {
    this.done = this.#done.promise;
  }

  /** All bytes of one direction. */
  bytes(direction: "received" | "sent"): string {
    return this.calls.filter(([name]) => name === direction)
      .map(([, text]) => text).join("");
  }

  /** The names of the calls, with repetitions left out. */
  get order(): string[] {
    return this.calls.map(([name]) => name)
      .filter((name, i, all) => name !== all[i - 1]);
  }

  received(bytes: Uint8Array): void {
    this.calls.push(["received", latin1(bytes)]);
  }

  sent(bytes: Uint8Array): void {
    this.calls.push(["sent", latin1(bytes)]);
  }

  inputEnded(): void {
    this.calls.push(["inputEnded"]);
  }

  outputEnded(): void {
    this.calls.push(["outputEnded"]);
  }

  ended(end: "closed" | "failed"): void {
    this.calls.push(["ended", end]);
    this.#done.resolve();
  }
}

/** Decodes Latin-1 without the Windows mapping of `TextDecoder`. */
export function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

/** Encodes ASCII. */
export function ascii(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
