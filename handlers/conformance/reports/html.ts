/**
 * HTML in which each value is escaped.
 *
 * @module
 */

import { escapeXml } from "../../../lib/reports/junit.ts";

/** Markup. */
export class Html {
  /** The markup. */
  readonly text: string;

  /**
   * Trusts a text.
   *
   * @param text is markup
   */
  constructor(text: string) {
    this.text = text;
  }
}

/** A value in a template. */
export type HtmlValue = Html | string | number | undefined | readonly Html[];

/**
 * A template of HTML. Texts are escaped, markup and lists of markup are not, and
 * `undefined` is empty. Attributes have to be in double quotes.
 *
 * @param strings markup
 * @param values between the strings
 */
export function markup(
  strings: TemplateStringsArray,
  ...values: readonly HtmlValue[]
): Html {
  return new Html(
    strings.map((string, i) =>
      i === 0 ? string : textOf(values[i - 1]) + string
    )
      .join(""),
  );
}

function textOf(value: HtmlValue): string {
  if (value === undefined) return "";
  if (value instanceof Html) return value.text;
  if (typeof value === "object") return value.map(({ text }) => text).join("");
  return escapeXml(String(value));
}

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
