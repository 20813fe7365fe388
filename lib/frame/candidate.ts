/**
 * A handshake request of the frame listener, as the checks see it.
 *
 * @module
 */

import type { Candidate } from "../listener/admission.ts";
import type { LoggedRequest } from "../listener/connection_log.ts";
import type { PathParams } from "../websocket.ts";
import type { RequestHead } from "./codec/request_head.ts";

/** Stands for the origin of a request without a valid Host field. */
export const NO_ORIGIN = "http://localhost";

/**
 * A candidate whose `Request` is made when it is read. It is a class because V8
 * keeps a separate shape for each object literal with a getter.
 */
export class FrameCandidate implements Candidate {
  /** The request's head. */
  readonly head: RequestHead;
  /** The client's address. */
  readonly remoteAddr: Deno.Addr;
  /** Parameters of the route's pattern. */
  readonly params: PathParams;
  /** The matched route's path. */
  readonly path: string | undefined;
  readonly #origin: string;

  /**
   * Makes a candidate.
   *
   * @param head the request's head
   * @param origin scheme and authority of its URL, as far as they are known
   * @param remoteAddr the client's address
   * @param params parameters of the route's pattern
   * @param path the matched route's path in the router map
   */
  constructor(
    head: RequestHead,
    origin: string | undefined,
    remoteAddr: Deno.Addr,
    params: PathParams,
    path?: string,
  ) {
    this.head = head;
    this.remoteAddr = remoteAddr;
    this.params = params;
    this.path = path;
    this.#origin = origin ?? NO_ORIGIN;
  }

  /** Always `frame`. */
  get listener(): "frame" {
    return "frame";
  }

  /** The request's target, for the log. */
  get target(): string {
    return this.head.target;
  }

  /** The request, as far as the log shows it. */
  get logged(): LoggedRequest {
    const { listener, remoteAddr, target, head } = this;
    return { listener, remoteAddr, target, headers: head.headers };
  }

  /** Whether the target has a query. */
  get hasQuery(): boolean {
    return this.head.target.includes("?");
  }

  /** The request head as received. */
  get requestHead(): string {
    return this.head.text;
  }

  /** A new `Request` at each read, without a body. */
  get request(): Request {
    const { method, target, headers } = this.head;
    return new Request(`${this.#origin}${target}`, { method, headers });
  }
}
