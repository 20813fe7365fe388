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

/** A parameter in the query or fragment of a URL that stands somewhere in a text. */
const PARAMETER = /([?&;#])([^?&;=#\s"]+)=([^&;#\s"]*)/g;

/** The user and password of a URL, up to the last `@` of its authority. */
const USER_INFO = /([/\\]{2})[^/\\?#\s"]+@/g;

/** How many URLs are looked for, each percent-encoded in a parameter of another. */
const MAX_DEPTH = 3;

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
 * Masks the secret parameters, and the user, of every URL in a text, and of a URL
 * that is a parameter of one.
 *
 * @param text a URL, or a text with URLs in it
 */
export function maskUrl(text: string): string {
  return maskNested(text, MAX_DEPTH);
}

function maskNested(text: string, depth: number): string {
  return text
    .replace(USER_INFO, `$1${MASK}@`)
    .replace(PARAMETER, (parameter, mark, name, value) => {
      if (isSecretName(decoded(name))) return `${mark}${name}=${MASK}`;
      if (depth === 0 || !value.includes("%")) return parameter;
      const inner = decodedValue(value);
      const shown = maskNested(inner, depth - 1);
      return shown === inner
        ? parameter
        : `${mark}${name}=${encodeURIComponent(shown)}`;
    });
}

/**
 * Masks the value of a query parameter where its name says that it is a secret,
 * and otherwise the URLs in it.
 *
 * @param name decoded
 * @param value decoded
 */
export function maskParameter(name: string, value: string): string {
  return isSecretName(name) ? MASK : maskUrl(value);
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
  if (!/[%+]/.test(name)) return name;
  return [...new URLSearchParams(name).keys()][0] ?? name;
}

/** A value as a server reads it. */
function decodedValue(value: string): string {
  return new URLSearchParams(`x=${value}`).get("x") ?? value;
}
