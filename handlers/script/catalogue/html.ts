/**
 * Parts of the catalogue's HTML.
 *
 * @module
 */

import { type Html, type HtmlValue, markup } from "../../../lib/http/markup.ts";

/** The mark of a row that keeps state between connections. */
export const ONE_THREAD = "(needs one thread)";

/**
 * A link that opens a URL in the console.
 *
 * @param url of a WebSocket
 * @param content of the link
 */
export function consoleLink(url: string, content: Html): Html {
  const fragment = new URLSearchParams({ server: "other", url });
  return markup`<a href="/#${String(fragment)}" title="${url}">${content}</a>`;
}

/**
 * The cells of a row.
 *
 * @param values one for each cell
 */
export function cellsOf(values: readonly HtmlValue[]): Html[] {
  return values.map((value) => markup`<td>${value}</td>`);
}
