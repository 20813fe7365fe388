/**
 * The check of the bearer token of a route (RFC 6750).
 *
 * @module
 */

import type {
  TokenFailures,
  TokenInfo,
  TokenName,
} from "../limits/token_failures.ts";
import { type HttpError, retryLater } from "../protocol/http_error.ts";
import { credential } from "./bearer.ts";
import { secretMatcher } from "./secret_matcher.ts";

/** Options of {@linkcode TokenGuard}. */
export interface TokenGuardOptions {
  /** The variable that sets the token. */
  readonly name: TokenName;
  /** The right token. */
  readonly token: string;
  /** The protection space (RFC 9110 §11.5). */
  readonly realm: string;
  /** Message for a request without the right token. */
  readonly message: string;
  /**
   * Whether the query parameter `token` may have the token.
   * @default false
   */
  readonly inQuery?: boolean;
  /**
   * Limits wrong tokens.
   * @default no limit
   */
  readonly failures?: TokenFailures | undefined;
}

/** Accepts requests with one right token. */
export class TokenGuard {
  readonly #options: TokenGuardOptions;
  readonly #isToken: (candidate: string) => boolean;

  /** Makes a guard. */
  constructor(options: TokenGuardOptions) {
    this.#options = options;
    this.#isToken = secretMatcher(options.token);
  }

  /**
   * Checks the token of a request.
   *
   * @returns `undefined` if the token is right; otherwise 401, 400 for several tokens
   * or a malformed one, or 429 after too many wrong tokens from the address
   */
  refusal(request: Request, info: TokenInfo): HttpError | undefined {
    const { name, inQuery = false, message, failures } = this.#options;
    const { searchParams } = new URL(request.url);
    const token = credential(request.headers, searchParams, inQuery);
    if (token === undefined) return this.#unauthorized(401, message);
    if (token === null) {
      return this.#unauthorized(400, ONE_TOKEN, "invalid_request");
    }
    // Before the comparison: a 429 must not tell a right token from a wrong one.
    const wait = failures?.wait(name, request, info) ?? 0;
    if (wait > 0) return retryLater(429, TOO_MANY, Math.ceil(wait / 1000));
    if (this.#isToken(token)) return undefined;
    failures?.failed(name, request, info);
    return this.#unauthorized(401, message, "invalid_token");
  }

  /** RFC 6750 §3.1: the response to a request without a token has no error code. */
  #unauthorized(status: number, message: string, code?: string): HttpError {
    const { realm } = this.#options;
    const error = code === undefined ? "" : `, error="${code}"`;
    const headers = { "www-authenticate": `Bearer realm="${realm}"${error}` };
    return { status, message, headers };
  }
}

const ONE_TOKEN = "Send one token, once and in one way.";

const TOO_MANY = "Too many wrong tokens from this address.";
