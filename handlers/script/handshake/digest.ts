/**
 * The Digest scheme ({@link https://www.rfc-editor.org/rfc/rfc7616 | RFC 7616}), with MD5
 * and SHA-256 and the quality of protection `auth`.
 *
 * @module
 */

import {
  createHash,
  createHmac,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";
import { type Credentials, REALM } from "./credentials.ts";

/** The algorithms with the names of `node:crypto`, in the server's order of preference (§3.7). */
const ALGORITHMS = { "SHA-256": "sha256", MD5: "md5" } as const;

/** Milliseconds that a nonce is valid. */
const NONCE_AGE = 300_000;

/** Makes the nonces of this process recognizable, so that none has to be kept. */
const SECRET = randomBytes(32);

/** The verdict on an `Authorization`; `stale` if only the nonce is too old (§3.3). */
export type DigestVerdict = "right" | "wrong" | "stale";

/**
 * Makes the values of `WWW-Authenticate` (§3.3), one for each algorithm.
 *
 * @param isStale whether the client's credentials were right with an old nonce
 * @param now milliseconds since the epoch
 */
export function digestChallenges(isStale: boolean, now: number): string[] {
  const nonce = nonceOf(now);
  return Object.keys(ALGORITHMS).map((algorithm) =>
    `Digest realm="${REALM}", qop="auth", algorithm=${algorithm}, nonce="${nonce}"` +
    (isStale ? ", stale=true" : "")
  );
}

/**
 * Checks an `Authorization` (§3.4).
 *
 * @param authorization the field's value
 * @param credentials the right ones
 * @param url of the request
 * @param now milliseconds since the epoch
 */
export function checkDigest(
  authorization: string,
  { user, password }: Credentials,
  url: string,
  now: number,
): DigestVerdict {
  const given = parameters(authorization);
  const { nonce = "", nc = "", cnonce = "", uri = "", response = "" } = given;
  const hash = hashOf(given.algorithm ?? "MD5");
  const isForUs = given.username === user && given.realm === REALM &&
    given.qop === "auth" && /^[0-9a-f]{8}$/i.test(nc) && cnonce !== "" &&
    isSameTarget(uri, url);
  if (hash === undefined || !isForUs) return "wrong";
  const secret = hash(`${user}:${REALM}:${password}`);
  const message = hash(`GET:${uri}`);
  const right = hash(`${secret}:${nonce}:${nc}:${cnonce}:auth:${message}`);
  if (!isEqual(response.toLowerCase(), right)) return "wrong";
  const madeAt = timeOf(nonce);
  if (madeAt === undefined) return "wrong";
  return now - madeAt <= NONCE_AGE ? "right" : "stale";
}

/** One parameter of a credential, from where the last one ended (RFC 9110 §11.2). */
const PARAMETER =
  /[ \t,]*([!#$%&'*+.^_`|~0-9a-z-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/iy;

/** Reads the parameters of a `Digest`; names are lower-case. */
function parameters(
  authorization: string,
): Readonly<Record<string, string | undefined>> {
  const found: Record<string, string> = Object.create(null);
  if (!/^Digest /i.test(authorization)) return found;
  PARAMETER.lastIndex = "Digest ".length;
  for (let match; (match = PARAMETER.exec(authorization)) !== null;) {
    const [, name, quoted, plain] = match;
    found[name!.toLowerCase()] = quoted?.replace(/\\(.)/g, "$1") ?? plain!;
  }
  return found;
}

function hashOf(algorithm: string): ((text: string) => string) | undefined {
  const name = Object.keys(ALGORITHMS).find((name) =>
    name.toLowerCase() === algorithm.toLowerCase()
  );
  if (name === undefined) return undefined;
  const id = ALGORITHMS[name as keyof typeof ALGORITHMS];
  return (text) => createHash(id).update(text).digest("hex");
}

/** Whether the `uri` parameter is the target of the request (§3.4.6). */
function isSameTarget(uri: string, url: string): boolean {
  if (!URL.canParse(uri, url)) return false;
  const [one, other] = [new URL(uri, url), new URL(url)];
  return one.pathname === other.pathname && one.search === other.search;
}

/** A nonce has its time and a proof that this process made it (§5.4). */
function nonceOf(time: number): string {
  const text = time.toString(16);
  const proof = createHmac("sha256", SECRET).update(text).digest("hex");
  return `${text}.${proof.slice(0, 32)}`;
}

function timeOf(nonce: string): number | undefined {
  const time = parseInt(nonce, 16);
  if (!Number.isSafeInteger(time)) return undefined;
  return isEqual(nonce, nonceOf(time)) ? time : undefined;
}

const encoder = new TextEncoder();

function isEqual(one: string, other: string): boolean {
  const [a, b] = [encoder.encode(one), encoder.encode(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
