/**
 * Finding, creating and changing elements of the page.
 *
 * @module
 */

/**
 * Finds an element by its id.
 *
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 * @throws {Error} the page has no such element
 */
export function byId(id, type) {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`the page has no #${id}`);
  return element;
}

/**
 * Creates an element with properties and children.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Partial<HTMLElementTagNameMap[Tag]>} [properties]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function create(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/**
 * Sets the text of an element; an equal text causes no layout.
 *
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Announces a sentence to screen readers.
 *
 * @param {string} sentence
 */
export function announce(sentence) {
  byId("announcement", HTMLElement).textContent = sentence;
}

/**
 * Shows or removes the error message of one or more fields.
 *
 * @param {HTMLElement} error element for the message
 * @param {string | undefined} sentence the message; `undefined` removes it
 * @param {...HTMLElement} fields
 */
export function showError(error, sentence, ...fields) {
  setText(error, sentence ?? "");
  for (const field of fields) {
    if (sentence === undefined) field.removeAttribute("aria-invalid");
    else field.setAttribute("aria-invalid", "true");
  }
}

/**
 * Runs a parser and catches its `SyntaxError`.
 *
 * @template T
 * @param {() => T} read
 * @returns {{ value: T, error?: undefined } | { value?: undefined, error: string }}
 * the value, or the error's message
 */
export function attempt(read) {
  try {
    return { value: read() };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { error: error.message };
  }
}

/**
 * Copies a text to the clipboard and announces the result.
 *
 * @param {string} text
 * @param {string} what name of the content, for the announcement
 */
export async function copyText(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    announce(`${what} copied.`);
  } catch {
    announce(`${what} not copied: the browser denied access to the clipboard.`);
  }
}
