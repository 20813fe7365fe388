/**
 * Who the service is in TLS: a certificate with its chain, and the key to it,
 * read from files and checked before anybody has to rely on them.
 *
 * @module
 */

import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { TlsError } from "./error.ts";

/** Where certificate and key are. */
export interface TlsFiles {
  /** Path of the certificate, the intermediate ones behind it, in PEM. */
  readonly cert: string;
  /** Path of the key, in PEM; it may be that of the certificate. */
  readonly key: string;
}

/** A certificate and its key, which fit together. */
export interface Identity {
  /** The certificate and its chain in PEM. */
  readonly cert: string;
  /** The key in PEM. */
  readonly key: string;
  /** When the first certificate of the chain expires. */
  readonly expires: Date;
}

/**
 * Reads certificate and key.
 *
 * @param files where they are
 * @param now the time by which they have to be valid
 * @throws {TlsError} a file that is missing, unreadable or no PEM; a certificate
 * that is expired or not valid yet; a key that is another one's; either of a kind
 * that the runtime does not take
 */
export function readIdentity(files: TlsFiles, now = new Date()): Identity {
  const cert = readFile("TLS_CERT", files.cert);
  const key = readFile("TLS_KEY", files.key);
  const chain = certificates(files.cert, cert);
  checkKey(files, chain, privateKey(files, key));
  let expires = chain[0]!.validToDate;
  for (const { subject, validFromDate, validToDate } of chain) {
    const which = `TLS_CERT: the certificate of ${subject} in ${files.cert}`;
    if (validToDate <= now) {
      throw new TlsError(`${which} expired on ${date(validToDate)}`);
    }
    if (validFromDate > now) {
      throw new TlsError(`${which} is valid only from ${date(validFromDate)}`);
    }
    if (validToDate < expires) expires = validToDate;
  }
  checkByRuntime(files, cert, key);
  return { cert, key, expires };
}

/**
 * The runtime's TLS library takes fewer kinds of certificates and keys than Node's
 * module for them. A client makes it look at both, opens no port for that, and needs
 * no permission.
 */
function checkByRuntime(files: TlsFiles, cert: string, key: string): void {
  try {
    Deno.createHttpClient({ cert, key }).close();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TlsError(
      `TLS_CERT: the runtime refuses ${files.cert} with the key in ${files.key} (${reason})`,
    );
  }
}

/** One at the start of each file that was put together; TLS libraries know none. */
const BYTE_ORDER_MARK = "\ufeff";

function readFile(variable: string, path: string): string {
  try {
    return Deno.readTextFileSync(path).replaceAll(BYTE_ORDER_MARK, "");
  } catch (error) {
    throw new TlsError(`${variable}: ${path} ${readFault(error)}`);
  }
}

function readFault(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "does not exist";
  if (error instanceof Deno.errors.IsADirectory) return "is a directory";
  if (error instanceof Deno.errors.NotCapable) {
    return "may not be read: start with `deno task start:tls`, or with --allow-read for this path";
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return "may not be read by this user";
  }
  return `cannot be read (${error})`;
}

const CERTIFICATE =
  /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

function certificates(path: string, pem: string): X509Certificate[] {
  const blocks = pem.match(CERTIFICATE) ?? [];
  if (blocks.length === 0) {
    throw new TlsError(`TLS_CERT: ${path} holds no certificate in PEM`);
  }
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    throw new TlsError(`TLS_CERT: ${path} holds a damaged certificate`);
  }
}

const PRIVATE_KEY =
  /-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]*?-----END \1-----/;

function privateKey({ cert, key: path }: TlsFiles, pem: string): KeyObject {
  const block = PRIVATE_KEY.exec(pem)?.[0];
  if (block === undefined) {
    const hint = path === cert ? ": set TLS_KEY to the file that does" : "";
    throw new TlsError(`TLS_KEY: ${path} holds no private key in PEM${hint}`);
  }
  if (/ENCRYPTED/.test(block)) {
    throw new TlsError(
      `TLS_KEY: ${path} is encrypted, and there is nobody to ask for the passphrase`,
    );
  }
  try {
    return createPrivateKey(block);
  } catch {
    throw new TlsError(`TLS_KEY: ${path} holds a damaged private key`);
  }
}

/** RFC 8446 §4.4.2: the server's own certificate is the first. */
function checkKey(
  files: TlsFiles,
  chain: readonly X509Certificate[],
  key: KeyObject,
): void {
  const index = chain.findIndex((certificate) =>
    certificate.checkPrivateKey(key)
  );
  if (index < 0) {
    throw new TlsError(
      `TLS_KEY: ${files.key} is not the key of the certificate in ${files.cert}`,
    );
  }
  if (index > 0) {
    throw new TlsError(
      `TLS_CERT: ${files.cert} has to begin with the server's own certificate, the intermediate ones behind it`,
    );
  }
}

/** A date as operators read it. */
function date(date: Date): string {
  return date.toISOString().slice(0, 10);
}

/** Milliseconds of a day. */
const DAY = 24 * 60 * 60 * 1000;

/** Days before the end of a certificate on which it is time to see to it. */
const NOTICE = 14;

/**
 * What an operator is told about a certificate that will not be valid for long.
 *
 * @param identity the certificate and its key
 * @param now the time
 * @returns a sentence, or `undefined` while there is time
 */
export function expiryNotice(
  { expires }: Identity,
  now = new Date(),
): string | undefined {
  const days = (expires.getTime() - now.getTime()) / DAY;
  if (days > NOTICE) return undefined;
  return days <= 0
    ? `The certificate expired on ${date(expires)}`
    : `The certificate expires on ${date(expires)}, in ${
      Math.floor(days)
    } days: renew it and send SIGHUP`;
}
