/**
 * Masking of secrets in a request that is shown to a user: users paste it into reports,
 * and browsers add some secrets by themselves.
 *
 * @module
 */

/** Replaces a secret. */
const MASK = "***";

const SECRET_NAME =
  /authoriz|cookie|token|secret|passw|pwd|api[-_]?key|access[-_]?key|credential|session|signature|jwt|(?:^|[-_])auth(?:$|[-_])|^(?:key|sig|otp)$/i;

/** A parameter in the query or fragment of a URL within a text. */
const PARAMETER = /([?&;#])([^?&;=#\s"]+)=([^&;#\s"]*)/g;

/** The user and password of a URL, up to the last `@` of its authority. */
const USER_INFO = /([/\\]{2})[^/\\?#\s"]+@/g;

/** Levels of URLs that are percent-encoded in a parameter of another URL. */
const MAX_DEPTH = 3;

/** The authentication scheme in front of credentials (RFC 9110 §11.4). */
const SCHEME = /^[\w-]+ +(?=\S)/;

/** Whether the header field, cookie or parameter of a name is a secret. */
function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/**
 * Masks the secret parameters and the user information of each URL in a text, and of
 * URLs in parameters of those, up to three levels.
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
 * Masks a query parameter: the whole value if its name is a secret's, otherwise the
 * URLs in it.
 *
 * @param name decoded
 * @param value decoded
 */
export function maskParameter(name: string, value: string): string {
  return isSecretName(name) ? MASK : maskUrl(value);
}

/**
 * Masks a header field. Of a secret field, only the scheme (`Bearer ***`) or the names
 * of cookies (`id=***`) remain; in other fields, URLs are masked.
 */
export function maskField(name: string, value: string): string {
  if (!isSecretName(name)) return maskUrl(value);
  if (/cookie/i.test(name)) {
    return value.split(";").map(maskCookie).join(";");
  }
  const scheme = /authoriz/i.test(name) ? SCHEME.exec(value)?.[0] : undefined;
  return `${scheme ?? ""}${MASK}`;
}

/** Characters of a subprotocol that is shown, at most: a longer one may be a token. */
const MAX_SUBPROTOCOL = 40;

/** A scheme of credentials in the name of a subprotocol. */
const BEARER = /bearer|basic/i;

/**
 * Masks the subprotocols that a client offers. Browsers cannot send `Authorization`, so
 * some clients send a token as a subprotocol: in one (`bearer.…`) or after the name of
 * one (`access_token, …`). All from the first of these on are masked.
 *
 * @param offered the names, in the client's order
 */
export function maskSubprotocols(offered: readonly string[]): string[] {
  const first = offered.findIndex((name) =>
    name.length > MAX_SUBPROTOCOL || isSecretName(name) || BEARER.test(name)
  );
  if (first < 0) return [...offered];
  return offered.map((name, index) => index < first ? name : MASK);
}

/** Masks the value of a cookie; its name and spaces remain. */
function maskCookie(cookie: string): string {
  const name = /^ *(?:[^=]*=)?/.exec(cookie)![0];
  return name + MASK;
}

/** Decodes a name as servers do: `to%6ben` is `token`. */
function decoded(name: string): string {
  if (!/[%+]/.test(name)) return name;
  return [...new URLSearchParams(name).keys()][0] ?? name;
}

/** Decodes a value as servers do. */
function decodedValue(value: string): string {
  return new URLSearchParams(`x=${value}`).get("x") ?? value;
}
