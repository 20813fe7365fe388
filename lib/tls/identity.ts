/**
 * The certificate chain and the private key of the service, read from files and checked.
 *
 * @module
 */

import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { TlsError } from "./error.ts";

/**
 * The paths of certificate and key.
 *
 * @example
 * ```ts
 * import { readConfig, type TlsFiles } from "@ws-echo/server";
 * import { assertEquals } from "@std/assert";
 *
 * const variables: Record<string, string> = { TLS_CERT: "both.pem" };
 * const { tls } = readConfig((name) => variables[name]);
 * const files: TlsFiles = { cert: "both.pem", key: "both.pem" };
 * assertEquals(tls, files);
 * ```
 */
export interface TlsFiles {
  /** Path of the certificate chain in PEM, the server's own certificate first. */
  readonly cert: string;
  /** Path of the private key in PEM; may be the same file. */
  readonly key: string;
}

/** The setting of a file's path. */
type FileVariable = "TLS_CERT" | "TLS_KEY";

/** A certificate chain and the key of its first certificate. */
export interface Identity {
  /** The certificate chain in PEM. */
  readonly cert: string;
  /** The key in PEM. */
  readonly key: string;
  /** The earliest expiry date in the chain. */
  readonly expires: Date;
}

/**
 * Reads and checks certificate and key.
 *
 * @param files their paths
 * @param now the time at which the certificates must be valid
 * @throws {TlsError} a file is missing, unreadable or not PEM; a certificate is expired
 * or not valid yet; the key belongs to another certificate; the runtime does not
 * support one of them
 */
export function readIdentity(files: TlsFiles, now = new Date()): Identity {
  const cert = readFile("TLS_CERT", files.cert);
  const key = readFile("TLS_KEY", files.key);
  const chain = certificates(files.cert, cert);
  checkKey(files, chain, privateKey(files, key));
  let expires = chain[0]!.validToDate;
  for (const { subject, validFromDate, validToDate } of chain) {
    const which = `the certificate of ${subject} in ${files.cert}`;
    if (validToDate <= now) {
      throw fault("TLS_CERT", `${which} expired on ${date(validToDate)}`);
    }
    if (validFromDate > now) {
      throw fault(
        "TLS_CERT",
        `${which} is valid only from ${date(validFromDate)}`,
      );
    }
    if (validToDate < expires) expires = validToDate;
  }
  checkByRuntime(files, cert, key);
  return { cert, key, expires };
}

/**
 * Checks both by the runtime's TLS library, which supports fewer kinds of certificates
 * than `node:crypto`. An HTTP client needs neither a port nor a permission for that.
 */
function checkByRuntime(files: TlsFiles, cert: string, key: string): void {
  try {
    Deno.createHttpClient({ cert, key }).close();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw fault(
      "TLS_CERT",
      `the runtime refuses ${files.cert} with the key in ${files.key} (${reason})`,
    );
  }
}

/** May begin each of several concatenated files; TLS libraries do not accept it. */
const BYTE_ORDER_MARK = "\ufeff";

/** Makes the error of a file. */
function fault(variable: FileVariable, reason: string): TlsError {
  return new TlsError((nameOf) => `${nameOf(variable)}: ${reason}`);
}

function readFile(variable: FileVariable, path: string): string {
  try {
    return Deno.readTextFileSync(path).replaceAll(BYTE_ORDER_MARK, "");
  } catch (error) {
    throw fault(variable, `${path} ${readFault(error)}`);
  }
}

function readFault(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "does not exist";
  if (error instanceof Deno.errors.IsADirectory) return "is a directory";
  if (error instanceof Deno.errors.NotCapable) {
    return "may not be read: start with `deno task start`, or with --allow-read for this path";
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
    throw fault("TLS_CERT", `${path} holds no certificate in PEM`);
  }
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    throw fault("TLS_CERT", `${path} holds a damaged certificate`);
  }
}

const PRIVATE_KEY =
  /-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]*?-----END \1-----/;

function privateKey({ cert, key: path }: TlsFiles, pem: string): KeyObject {
  const block = PRIVATE_KEY.exec(pem)?.[0];
  if (block === undefined) {
    throw new TlsError((nameOf) => {
      const name = nameOf("TLS_KEY");
      const hint = path === cert ? `: set ${name} to the file that does` : "";
      return `${name}: ${path} holds no private key in PEM${hint}`;
    });
  }
  if (/ENCRYPTED/.test(block)) {
    throw fault(
      "TLS_KEY",
      `${path} is encrypted, and the service cannot ask for the passphrase`,
    );
  }
  try {
    return createPrivateKey(block);
  } catch {
    throw fault("TLS_KEY", `${path} holds a damaged private key`);
  }
}

/** The server's own certificate is the first (RFC 8446 §4.4.2). */
function checkKey(
  files: TlsFiles,
  chain: readonly X509Certificate[],
  key: KeyObject,
): void {
  const index = chain.findIndex((certificate) =>
    certificate.checkPrivateKey(key)
  );
  if (index < 0) {
    throw fault(
      "TLS_KEY",
      `${files.key} is not the key of the certificate in ${files.cert}`,
    );
  }
  if (index > 0) {
    throw fault(
      "TLS_CERT",
      `${files.cert} has to begin with the server's own certificate, followed by the intermediate certificates`,
    );
  }
}

function date(date: Date): string {
  return date.toISOString().slice(0, 10);
}

/** Milliseconds in a day. */
const DAY = 24 * 60 * 60 * 1000;

/** Days before its expiry from which a certificate causes a warning. */
const NOTICE = 14;

/**
 * Makes the warning about a certificate that expires within 14 days.
 *
 * @param identity the certificate and its key
 * @param now the present time
 * @returns a sentence, or `undefined` if the certificate is valid for longer
 */
export function expiryNotice(
  { expires }: Pick<Identity, "expires">,
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
