/**
 * The badge of an agent: an SVG image for a README.
 *
 * @module
 */

import { escapeXml } from "../../http/markup.ts";
import type { Counts } from "./counts.ts";

const HEIGHT = 20;
const PADDING = 6;

/** Width of a character of Verdana in 11 pixels, on average. */
const CHARACTER = 6.6;

const LABEL = "RFC 6455 conformance";

const GREY = "#555";
const COLOR = { good: "#16794a", bad: "#b3261e", none: "#6b7483" };

/**
 * Draws a badge: the number of cases that have not failed, of all that were run.
 *
 * @param counts of the agent
 */
export function badge(counts: Counts): string {
  const { cases, failed } = counts;
  const text = cases === 0 ? "no results" : `${cases - failed}/${cases}`;
  const color = cases === 0
    ? COLOR.none
    : failed === 0
    ? COLOR.good
    : COLOR.bad;
  const left = widthOf(LABEL);
  const right = widthOf(text);
  const title = escapeXml(`${LABEL}: ${text}`);
  const word = (x: number, width: number, word: string) =>
    `<text x="${x + width / 2}" y="14" text-anchor="middle" ` +
    `textLength="${width - 2 * PADDING}">${escapeXml(word)}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" ` +
    `height="${HEIGHT}" role="img" aria-label="${title}">` +
    `<title>${title}</title>` +
    `<clipPath id="r"><rect width="${left + right}" height="${HEIGHT}" ` +
    `rx="3"/></clipPath><g clip-path="url(#r)">` +
    `<rect width="${left}" height="${HEIGHT}" fill="${GREY}"/>` +
    `<rect x="${left}" width="${right}" height="${HEIGHT}" fill="${color}"/>` +
    `</g><g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" ` +
    `font-size="11">${word(0, left, LABEL)}${word(left, right, text)}</g>` +
    "</svg>\n";
}

function widthOf(text: string): number {
  return Math.round(text.length * CHARACTER) + 2 * PADDING;
}
