/**
 * Removing and masking secrets in URLs: credentials, and query parameters with names
 * such as `token`.
 *
 * @module
 */

/** Names of query parameters that probably hold a secret. */
const SECRET =
  /token|secret|passw|pwd|key|auth|cred|sign?(ature)?$|^sig|session|ticket|jwt|^code$/i;

/**
 * Whether a name looks like the name of a secret.
 *
 * @param {string} name
 * @returns {boolean}
 */
export function looksSecret(name) {
  return SECRET.test(name);
}

/**
 * Removes user, password, fragment and secret query parameters from a URL.
 *
 * @param {string} text
 * @returns {string} empty if the text is not a URL
 */
export function withoutSecrets(text) {
  if (!URL.canParse(text)) return "";
  const url = new URL(text);
  url.username = "";
  url.password = "";
  url.hash = "";
  for (const [name, value] of [...url.searchParams]) {
    if (isSecret(name, value)) url.searchParams.delete(name);
  }
  return url.href;
}

/**
 * Masks user, password and the values of secret query parameters, for the page and
 * for exports.
 *
 * @param {string} address
 * @returns {string}
 */
export function masked(address) {
  const [start = "", query] = address.split(/\?(.*)/s);
  const shown = start.replace(/^(\w+:\/\/)[^/]*@/, "$1•••@");
  if (query === undefined) return shown;
  const fields = query.split("&").map((field) => {
    const [name = ""] = field.split("=");
    const [pair] = new URLSearchParams(field);
    return pair !== undefined && isSecret(...pair) ? `${name}=•••` : field;
  });
  return `${shown}?${fields.join("&")}`;
}

/**
 * Whether a query parameter is a secret, or contains a URL with a secret.
 *
 * @param {string} name percent-decoded: `token` for `to%6ben`
 * @param {string} value percent-decoded
 */
function isSecret(name, value) {
  if (looksSecret(name) || /\/\/[^/?#\s]*@/.test(value)) return true;
  const inner = value.matchAll(/[?&;#]([^?&;#=]+)=/g);
  return [...inner].some(([, name = ""]) => looksSecret(name));
}
