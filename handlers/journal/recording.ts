/**
 * One recorded connection, from its handshake on.
 *
 * @module
 */

import {
  httpErrorResponse,
  RefusedError,
} from "../../lib/protocol/http_error.ts";
import type {
  HandshakeExtras,
  HandshakeInfo,
  HandshakeResult,
  WebSocketHandler,
} from "../../lib/websocket.ts";
import type { Journals } from "./journals.ts";
import { recordCalls } from "./record/call_recorder.ts";
import {
  type ConnectionRecord,
  PAYLOAD_HEAD,
  SWITCHING_PROTOCOLS,
} from "./record/connection_record.ts";
import type { FaultExpectation } from "./record/fault.ts";
import { headOfRequest, headOfResponse, parseHead } from "./record/head.ts";
import { WireRecorder } from "./record/wire_recorder.ts";

/** The recordings of the requests that `handshake` methods get. */
const RECORDINGS = new WeakMap<Request, Recording>();

/**
 * Returns the recording of a request that came with `?journal=`.
 *
 * @param request as the handler's `handshake` got it
 */
export function recordingOf(request: Request): Recording | undefined {
  return RECORDINGS.get(request);
}

/** The URLs of the requests that came with `?journal=`, by those that handlers get. */
const ASKED_URLS = new WeakMap<Request, string>();

/**
 * Returns the URL of a request as the client sent it: with the parameter `journal`, which
 * a redirect keeps.
 *
 * @param request as the handler's `handshake` got it
 */
export function askedUrl(request: Request): string {
  return ASKED_URLS.get(request) ?? request.url;
}

/** Records one connection. */
export class Recording {
  /** The record. */
  readonly record: ConnectionRecord;
  readonly #info: HandshakeInfo;

  private constructor(record: ConnectionRecord, info: HandshakeInfo) {
    this.record = record;
    this.#info = info;
  }

  /**
   * Begins the recording of a connection.
   *
   * @param journals gets the record
   * @param name of the journal, checked
   * @param request the handshake request
   * @param info of the handshake
   * @throws {RefusedError} 503, there is no place for a record
   */
  static begin(
    journals: Journals,
    name: string,
    request: Request,
    info: HandshakeInfo,
  ): Recording {
    const record = journals.begin(name, info);
    const { requestHead } = info;
    record.requested(
      requestHead === undefined
        ? headOfRequest(request)
        : parseHead(requestHead),
    );
    return new Recording(record, info);
  }

  /**
   * Makes the recording known to a handler.
   *
   * @param request that the handler's `handshake` gets
   * @param url as the client sent it
   */
  attach(request: Request, url: string = request.url): void {
    RECORDINGS.set(request, this);
    ASKED_URLS.set(request, url);
  }

  /**
   * Records that the server is about to violate a rule on purpose, or does a legal thing
   * that clients get wrong. The verdict judges the client's reaction from this moment on.
   *
   * Call it right before the bytes of the fault are written; for a fault of the
   * handshake, before the response.
   *
   * @param name of the fault, such as `masked-frame`
   * @param expectation what a correct client does
   */
  fault(name: string, expectation: FaultExpectation): void {
    this.record.fault(name, expectation);
  }

  /**
   * Completes the result of a handshake with the recorder: with a tap on the frame
   * listener, with a handler that records its calls on the edge listener. A refusal is
   * recorded, and ends the record.
   *
   * @param result of the route's `handshake`
   * @param route its handler, used unless the result selects another
   * @returns the result for the listener
   */
  async complete(
    result: HandshakeResult,
    route: WebSocketHandler,
  ): Promise<HandshakeResult> {
    if (result instanceof Response) {
      await this.refused(result);
      return result;
    }
    const extras: HandshakeExtras = result ?? {};
    if (this.#info.listener === "frame") {
      return { ...extras, tap: new WireRecorder(this.record) };
    }
    const protocol = extras.protocol ?? this.#info.protocol;
    const headers = new Headers(extras.headers);
    if (protocol !== "") headers.set("sec-websocket-protocol", protocol);
    const handler = recordCalls(
      extras.handler ?? route,
      this.record,
      headOfResponse(SWITCHING_PROTOCOLS, headers),
    );
    return { ...extras, handler };
  }

  /**
   * Records that the handshake has thrown, and ends the record.
   *
   * @param request of the handshake
   * @param error a `RefusedError` is recorded as the response that the listener sends
   */
  async failed(request: Request, error: unknown): Promise<void> {
    if (error instanceof RefusedError) {
      return await this.refused(httpErrorResponse(request, error.answer));
    }
    this.record.end("closed", "server");
  }

  /**
   * Records a refusal, and ends the record.
   *
   * @param response that is sent; its body is not used up
   */
  async refused(response: Response): Promise<void> {
    const { status, headers } = response;
    this.record.responded(headOfResponse(status, headers));
    const body = await firstBytes(response);
    if (body.length > 0) this.record.bytes("server", body);
    this.record.end("closed", "server");
  }
}

/** Reads the first bytes of a copy of a body. */
async function firstBytes(response: Response): Promise<Uint8Array> {
  if (response.body === null) return new Uint8Array();
  const reader = response.clone().body!.getReader();
  const { value } = await reader.read();
  reader.cancel().catch(() => {});
  return value?.slice(0, PAYLOAD_HEAD) ?? new Uint8Array();
}
