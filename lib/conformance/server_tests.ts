/**
 * Runs the cases as a client, against any WebSocket server that echoes messages.
 *
 * @module
 */

import { type ByteStream, closeQuietly } from "../client/dial.ts";
import { FaultRecord } from "../client/protocol_error.ts";
import { field } from "../client/handshake.ts";
import { openHandshake, writeAll } from "../client/opening.ts";
import { parseExtensions } from "../frame/codec/extensions.ts";
import { zlibStreamsWork } from "../runtime/zlib_stream.ts";
import type { Case } from "./case/case.ts";
import { CASES } from "./cases.ts";
import {
  deflateOffers,
  type DeflateParameters,
  readDeflateResponse,
} from "./case/deflate_parameters.ts";
import type { Duplex } from "./engine/duplex.ts";
import { runCase } from "./run.ts";
import { type CaseResult, NOT_ENDED } from "./case/result.ts";
import { judgeUnopened } from "./verdict.ts";

/** Options of {@linkcode testServer}. */
export interface ServerTestOptions {
  /**
   * The cases to run, in order.
   * @default all
   */
  readonly cases?: readonly Case[];
  /**
   * Name of the server in the results.
   * @default its `Server` field, or "UnknownServer"
   */
  readonly agent?: string;
  /** Root certificates to trust in addition, in PEM. */
  readonly caCerts?: readonly string[];
  /**
   * Milliseconds of each opening handshake.
   * @default 5000
   */
  readonly openTimeout?: number;
}

/** Milliseconds of an opening handshake. */
const OPEN_TIMEOUT = 5000;

/** Bytes of a read. */
const READ_SIZE = 64 * 1024;

const latin1 = new TextDecoder("latin1");

/**
 * Runs cases against a server, one after the other.
 *
 * @example All cases of family 1 against an echo
 * ```ts
 * import { testServer } from "./server_tests.ts";
 * import { selectCases } from "./selection.ts";
 *
 * const cases = selectCases({ cases: ["1.*"] });
 * for await (const { case: { id }, behavior } of testServer(
 *   "ws://localhost:8001/ws",
 *   { cases },
 * )) console.log(id, behavior);
 * ```
 *
 * @param url `ws:` or `wss:`, of a route that echoes messages
 * @param options cases and name
 * @returns the results in the order of the cases
 */
export async function* testServer(
  url: string | URL,
  options: ServerTestOptions = {},
): AsyncGenerator<CaseResult, void> {
  for (const testCase of options.cases ?? CASES) {
    yield await runOn(new URL(url), testCase, options);
  }
}

async function runOn(
  url: URL,
  testCase: Case,
  options: ServerTestOptions,
): Promise<CaseResult> {
  const { program } = testCase;
  const deflate = program.kind === "round trips" ? program.deflate : undefined;
  const started = Date.now();
  try {
    return await runOpened(url, testCase, deflate, options);
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error);
    const isLate = error instanceof Error && error.name === "TimeoutError";
    return {
      case: testCase,
      agent: options.agent ?? "UnknownServer",
      role: "client",
      started,
      duration: Date.now() - started,
      ...judgeUnopened(fault.replace(/\.$/, "")),
      received: [],
      end: { ...NOT_ENDED, wasOpenHandshakeTimeout: isLate },
      httpRequest: "",
      httpResponse: "",
      wireLog: [],
      omitted: 0,
      statistics: {
        rxOctetStats: {},
        txOctetStats: {},
        rxFrameStats: {},
        txFrameStats: {},
      },
    };
  }
}

async function runOpened(
  url: URL,
  testCase: Case,
  deflate: DeflateParameters | undefined,
  { agent, caCerts, openTimeout = OPEN_TIMEOUT }: ServerTestOptions,
): Promise<CaseResult> {
  const offered = deflate !== undefined && zlibStreamsWork();
  const { conn, handshake, frames } = await openHandshake(url, {
    timeout: openTimeout,
    ...(caCerts && { caCerts }),
    ...(offered && { extensions: deflateOffers(deflate) }),
  }, new FaultRecord(true));
  const { response, faults } = handshake;
  const [fault] = faults;
  if (fault !== undefined) {
    closeQuietly(conn);
    throw new Error(fault.message);
  }
  const extensions = field(response, "sec-websocket-extensions") ?? null;
  const result = await runCase({
    case: testCase,
    agent: agent ?? field(response, "server") ?? "UnknownServer",
    role: "client",
    duplex: new StreamDuplex(conn),
    deflate: offered
      ? readDeflateResponse(parseExtensions(extensions) ?? [])
      : undefined,
    httpRequest: latin1.decode(handshake.requestBytes),
    httpResponse: latin1.decode(handshake.responseBytes),
    received: frames.takeRaw(),
  });
  await conn.closed;
  return result!;
}

/** A {@linkcode Duplex} on a stream. */
class StreamDuplex implements Duplex {
  readonly #conn: ByteStream;
  readonly #buffer = new Uint8Array(READ_SIZE);

  constructor(conn: ByteStream) {
    this.#conn = conn;
  }

  async read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const count = await this.#conn.read(this.#buffer);
    return count === null ? undefined : this.#buffer.subarray(0, count);
  }

  write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return writeAll(this.#conn, bytes);
  }

  close(): void {
    closeQuietly(this.#conn);
  }
}
