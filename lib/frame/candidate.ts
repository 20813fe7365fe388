/**
 * What the checks of a handshake see of one on the frame listener.
 *
 * @module
 */

import type { Candidate } from "../listener/admission.ts";
import type { RequestHead } from "./codec/request_head.ts";

/**
 * A candidate whose `Request` is made when somebody asks. A class, as an object
 * with a getter of its own would have a shape of its own, which V8 keeps.
 */
export class FrameCandidate implements Candidate {
  /** The request's head. */
  readonly head: RequestHead;
  /** The peer's address. */
  readonly remoteAddr: Deno.Addr;
  readonly #origin: string;

  /**
   * Makes one of a head.
   *
   * @param head the request's head
   * @param origin scheme and authority of its URL
   * @param remoteAddr the peer's address
   */
  constructor(head: RequestHead, origin: string, remoteAddr: Deno.Addr) {
    this.head = head;
    this.remoteAddr = remoteAddr;
    this.#origin = origin;
  }

  /** Always `frame`. */
  get listener(): "frame" {
    return "frame";
  }

  /** Whether the target has a query. */
  get hasQuery(): boolean {
    return this.head.target.includes("?");
  }

  /** The request, made anew each time; without a body. */
  get request(): Request {
    const { method, target, headers } = this.head;
    return new Request(`${this.#origin}${target}`, { method, headers });
  }
}
