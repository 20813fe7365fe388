/**
 * Masking secrets in what is shown of a request. A browser sends some of them
 * by itself, and what this service shows of a request gets pasted into reports.
 *
 * @module
 */

/** Stands in the place of a secret. */
const MASK = "***";

const SECRET_NAME =
  /authoriz|cookie|token|secret|passw|pwd|api[-_]?key|access[-_]?key|credential|session|signature|jwt|(?:^|[-_])auth(?:$|[-_])|^(?:key|sig|otp)$/i;

/** A parameter in the query of a URL that stands somewhere in a text. */
const PARAMETER = /([?&;])([^?&;=#\s"]+)=([^&;#\s"]*)/g;

/** The user and password of a URL. */
const USER_INFO = /\/\/[^/?#@\s]+@/g;

/** What stands in front of credentials (RFC 9110 §11.4). */
const SCHEME = /^[\w-]+ +(?=\S)/;

/**
 * Whether what a name stands for is a secret: one of a header field, a cookie or
 * a parameter.
 *
 * @param name the name, in any case
 */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/**
 * Masks the secret parameters, and the user, of every URL in a text.
 *
 * @param text a URL, or a text with URLs in it
 */
export function maskUrl(text: string): string {
  return text
    .replace(USER_INFO, `//${MASK}@`)
    .replace(
      PARAMETER,
      (parameter, mark, name) =>
        isSecretName(decoded(name)) ? `${mark}${name}=${MASK}` : parameter,
    );
}

/**
 * Masks the value of a query parameter where its name says that it is a secret.
 *
 * @param name decoded
 * @param value decoded
 */
export function maskParameter(name: string, value: string): string {
  return isSecretName(name) ? MASK : value;
}

/**
 * Masks the value of a header field: of a secret one all but the scheme
 * (`Bearer ***`) or the names of cookies (`id=***`), of the others the URLs.
 *
 * @param name the field's name
 * @param value its value
 */
export function maskField(name: string, value: string): string {
  if (!isSecretName(name)) return maskUrl(value);
  if (/cookie/i.test(name)) {
    return value.split(";").map(maskCookie).join(";");
  }
  const scheme = /authoriz/i.test(name) ? SCHEME.exec(value)?.[0] : undefined;
  return `${scheme ?? ""}${MASK}`;
}

/** Keeps the name and the space around it. */
function maskCookie(cookie: string): string {
  const name = /^ *(?:[^=]*=)?/.exec(cookie)![0];
  return name + MASK;
}

/** A name as a server reads it; `to%6ben` is `token`. */
function decoded(name: string): string {
  return [...new URLSearchParams(name).keys()][0] ?? name;
}
