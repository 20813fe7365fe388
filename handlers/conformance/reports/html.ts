/**
 * The frame of the pages of the reports.
 *
 * @module
 */

import { type Html, markup } from "../../../lib/http/markup.ts";

/**
 * Makes a page in the console's design.
 *
 * @param title of the page
 * @param body content of `main`
 */
export function pageOf(title: string, body: Html): string {
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="style.css">
</head>
<body class="report">
<a class="skip" href="#content">Skip to the content</a>
<header class="bar">
<svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><path d="M5 11h18m-6-6 6 6-6 6M27 21H9m6-6-6 6 6 6"/></svg>
<h1>${title}</h1>
</header>
<main id="content">
${body}
</main>
</body>
</html>
`.text;
}

/** The class of a verdict, for its colour. */
export type VerdictClass = "ok" | "nonstrict" | "other" | "failed";

const CLASS: Readonly<Record<string, VerdictClass>> = {
  "OK": "ok",
  "NON-STRICT": "nonstrict",
  "INFORMATIONAL": "other",
  "UNIMPLEMENTED": "other",
};

/**
 * The class of a verdict.
 *
 * @param verdict on frames or end
 */
export function classOf(verdict: string): VerdictClass {
  return CLASS[verdict] ?? "failed";
}
