/**
 * What stands in front of a route that asks for a token (RFC 6750).
 *
 * @module
 */

import { credential } from "./bearer.ts";
import type { HttpError } from "../protocol/http_error.ts";
import type {
  TokenFailures,
  TokenInfo,
  TokenName,
} from "../limits/token_failures.ts";
import { secretMatcher } from "./secret_matcher.ts";

/** What a guard asks for. */
export interface TokenGuardOptions {
  /** The variable that sets the token. */
  readonly name: TokenName;
  /** The right token. */
  readonly token: string;
  /** The protection space (RFC 9110 §11.5). */
  readonly realm: string;
  /** What a request without the right token is told. */
  readonly message: string;
  /**
   * Whether `?token=` may bring it, too.
   * @default false
   */
  readonly inQuery?: boolean;
  /**
   * Limits wrong tokens.
   * @default any number is compared
   */
  readonly failures?: TokenFailures | undefined;
}

/** Lets a request with the one right token pass. */
export class TokenGuard {
  readonly #options: TokenGuardOptions;
  readonly #isToken: (candidate: string) => boolean;

  /**
   * Makes a guard.
   *
   * @param options what it asks for
   */
  constructor(options: TokenGuardOptions) {
    this.#options = options;
    this.#isToken = secretMatcher(options.token);
  }

  /**
   * Checks a request.
   *
   * @param request with a token, or without
   * @param info where it came from
   * @returns nothing where it may pass; or 401, 400 for several tokens or a
   * malformed one, 429 after too many wrong ones of its address
   */
  refusal(request: Request, info: TokenInfo): HttpError | undefined {
    const { name, inQuery, message, failures } = this.#options;
    const query = inQuery ? new URL(request.url).searchParams : undefined;
    const token = credential(request.headers, query);
    if (token === undefined) return this.#unauthorized(401, message);
    if (token === null) {
      return this.#unauthorized(400, ONE_TOKEN, "invalid_request");
    }
    const wait = failures?.wait(name, request, info) ?? 0;
    if (wait > 0) return tooMany(wait);
    if (this.#isToken(token)) return undefined;
    failures?.failed(name, request, info);
    return this.#unauthorized(401, message, "invalid_token");
  }

  /** RFC 6750 §3.1: a request without a token gets no error code. */
  #unauthorized(status: number, message: string, code?: string): HttpError {
    const { realm } = this.#options;
    const error = code === undefined ? "" : `, error="${code}"`;
    const headers = { "www-authenticate": `Bearer realm="${realm}"${error}` };
    return { status, message, headers };
  }
}

const ONE_TOKEN = "A request brings one token, once and in one way.";

/** Before it is compared: a right one must not show among many guesses. */
function tooMany(wait: number): HttpError {
  return {
    status: 429,
    message: "Too many wrong tokens from this address.",
    headers: { "retry-after": String(Math.ceil(wait / 1000)) },
  };
}
