/**
 * Templates of HTML and XML in which each value is escaped.
 *
 * @module
 */

/** Characters that XML 1.0 forbids, as references, too (XML 1.0 §2.2). */
const FORBIDDEN =
  // deno-lint-ignore no-control-regex
  /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;

const REFERENCE: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

/**
 * Escapes a text for XML or HTML, for an attribute in double quotes or for content.
 * U+FFFD replaces characters that XML forbids.
 *
 * @param text any text
 */
export function escapeXml(text: string): string {
  return text.toWellFormed()
    .replace(FORBIDDEN, "\ufffd")
    .replace(/[&<>"]/g, (character) => REFERENCE[character]!);
}

/** Markup: a text that is not escaped. */
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
  const texts = strings.map((string, i) =>
    i === 0 ? string : textOf(values[i - 1]) + string
  );
  return new Html(texts.join(""));
}

function textOf(value: HtmlValue): string {
  if (value === undefined) return "";
  if (value instanceof Html) return value.text;
  if (typeof value === "object") return value.map(({ text }) => text).join("");
  return escapeXml(String(value));
}
