/**
 * Errors of a connection, and the ways in which it ends.
 *
 * @module
 */

import type { Handshake } from "./handshake.ts";

/**
 * How a connection ended. `end`: TCP FIN or TLS close_notify. `reset`: TCP RST or
 * another transport error. `closed`: this side closed it.
 *
 * @example
 * ```ts
 * import { type Routes, serve } from "@ws-echo/server";
 * import { connect, type Ending } from "@ws-echo/server/client";
 * import { assertEquals } from "@std/assert";
 *
 * const routes: Routes = {
 *   "/cut": { open: (connection) => connection.abort(), frame() {} },
 * };
 * await using server = await serve({ routes, host: "127.0.0.1", port: 0 });
 * await using client = await connect(`${server.urls.frame}/cut`);
 * assertEquals(await client.frame(), undefined);
 * const ending: Ending | undefined = client.ending;
 * assertEquals(ending, "end");
 * ```
 */
export type Ending = "end" | "reset" | "closed";

/**
 * Thrown when no HTTP response to a handshake arrives.
 *
 * @example
 * ```ts
 * import { connect, NoResponseError } from "@ws-echo/server/client";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
 * const greeting = new TextEncoder().encode("220 mail.example ready\r\n\r\n");
 * const accepted = listener.accept().then(async (conn) => {
 *   await conn.write(greeting);
 *   return conn;
 * });
 * const url = `ws://127.0.0.1:${listener.addr.port}`;
 * const error = await assertRejects(() => connect(url), NoResponseError);
 * assertEquals(error.kind, "not HTTP");
 * (await accepted).close();
 * ```
 */
export class NoResponseError extends Error {
  /** The class. */
  override readonly name = "NoResponseError";
  /** How the connection ended before the response, or `not HTTP` for other data. */
  readonly kind: Ending | "not HTTP";
  /** The received bytes. */
  readonly received: Uint8Array;

  /**
   * Makes an error.
   *
   * @param kind the reason
   * @param received the received bytes
   */
  constructor(kind: Ending | "not HTTP", received: Uint8Array) {
    super(
      kind === "not HTTP"
        ? "the server did not answer with an HTTP response"
        : `the connection ended (${kind}) before a response`,
    );
    this.kind = kind;
    this.received = received;
  }
}

/**
 * Thrown when the response to a handshake is not a valid 101.
 *
 * @example
 * ```ts
 * import { serve } from "@ws-echo/server";
 * import { connect, RefusedError } from "@ws-echo/server/client";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * await using server = await serve({ routes: {}, host: "127.0.0.1", port: 0 });
 * const error = await assertRejects(
 *   () => connect(`${server.urls.frame}/none`),
 *   RefusedError,
 * );
 * assertEquals(error.handshake.response.status, 404);
 * ```
 */
export class RefusedError extends Error {
  /** The class. */
  override readonly name = "RefusedError";
  /** The request and the response. */
  readonly handshake: Handshake;

  /**
   * Makes an error.
   *
   * @param handshake the request and the response
   */
  constructor(handshake: Handshake) {
    const { status, statusText } = handshake.response;
    const [fault] = handshake.faults;
    super(
      status === 101 ? fault!.message : `refused with ${status} ${statusText}`,
    );
    this.handshake = handshake;
  }
}

/**
 * Thrown when a connection ends before the expected data.
 *
 * @example
 * ```ts
 * import { type Routes, serve } from "@ws-echo/server";
 * import { connect, EndedError } from "@ws-echo/server/client";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const routes: Routes = {
 *   "/cut": { open: (connection) => connection.abort(), frame() {} },
 * };
 * await using server = await serve({ routes, host: "127.0.0.1", port: 0 });
 * await using client = await connect(`${server.urls.frame}/cut`);
 * const error = await assertRejects(() => client.nextMessage(), EndedError);
 * assertEquals(error.ending, "end");
 * ```
 */
export class EndedError extends Error {
  /** The class. */
  override readonly name = "EndedError";
  /** How the connection ended. */
  readonly ending: Ending;

  /**
   * Makes an error.
   *
   * @param ending how the connection ended
   * @param expected the data that did not arrive
   */
  constructor(ending: Ending, expected: string) {
    super(`the connection ended (${ending}) before ${expected}`);
    this.ending = ending;
  }
}

/**
 * Thrown when a time limit passes. The connection can still be used.
 *
 * @example
 * ```ts
 * import { serve } from "@ws-echo/server";
 * import { connect, TimeoutError } from "@ws-echo/server/client";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const routes = { "/mute": { frame() {} } };
 * await using server = await serve({ routes, host: "127.0.0.1", port: 0 });
 * await using client = await connect(`${server.urls.frame}/mute`);
 * const read = () => client.nextMessage({ timeout: 20 });
 * const error = await assertRejects(read, TimeoutError);
 * assertEquals(error.timeout, 20);
 * await client.close(1000); // the connection still works
 * ```
 */
export class TimeoutError extends Error {
  /** The class. */
  override readonly name = "TimeoutError";
  /** The time limit in milliseconds. */
  readonly timeout: number;

  /**
   * Makes an error.
   *
   * @param timeout milliseconds
   * @param expected the data that did not arrive
   */
  constructor(timeout: number, expected: string) {
    super(`${expected} did not arrive within ${timeout} ms`);
    this.timeout = timeout;
  }
}

/**
 * Thrown when a connection that cannot send RST is to be reset.
 *
 * @example
 * ```ts
 * import { serve } from "@ws-echo/server";
 * import { connect, NotResettableError } from "@ws-echo/server/client";
 * import { assertRejects } from "@std/assert";
 *
 * const routes = { "/ws": { frame() {} } };
 * await using server = await serve({ routes, host: "127.0.0.1", port: 0 });
 * await using client = await connect(`${server.urls.frame}/ws`, {
 *   resettable: false,
 * });
 * await assertRejects(() => client.reset(), NotResettableError);
 * ```
 */
export class NotResettableError extends Error {
  /** The class. */
  override readonly name = "NotResettableError";

  /** Makes an error. */
  constructor() {
    super("only a ws: connection with the option resettable can be reset");
  }
}
