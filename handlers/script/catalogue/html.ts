/**
 * Parts of the catalogue's HTML.
 *
 * @module
 */

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

/**
 * Escapes a text for HTML.
 *
 * @param text of an element or an attribute
 */
export function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character]!);
}

/**
 * A link that opens a URL in the console.
 *
 * @param url of a WebSocket
 * @param html the link's content
 */
export function consoleLink(url: string, html: string): string {
  const fragment = new URLSearchParams({ server: "other", url });
  return `<a href="/#${escaped(String(fragment))}" title="${
    escaped(url)
  }">${html}</a>`;
}
