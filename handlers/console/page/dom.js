/**
 * The page's elements.
 *
 * @module
 */

/**
 * Finds an element that the page cannot be without.
 *
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function byId(id, type) {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`the page has no #${id}`);
  return element;
}

/**
 * Makes an element.
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
 * Sets a text, if it is another one: an untouched node costs no layout.
 *
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Says a sentence to those who listen to the page.
 *
 * @param {string} sentence
 */
export function announce(sentence) {
  byId("announcement", HTMLElement).textContent = sentence;
}

/**
 * Shows or takes back what is wrong with a field.
 *
 * @param {HTMLElement} error where the sentence goes
 * @param {string | undefined} sentence
 * @param {...HTMLElement} fields
 */
export function showFault(error, sentence, ...fields) {
  setText(error, sentence ?? "");
  for (const field of fields) {
    if (sentence === undefined) field.removeAttribute("aria-invalid");
    else field.setAttribute("aria-invalid", "true");
  }
}

/**
 * Runs what may throw a sentence about the input.
 *
 * @template T
 * @param {() => T} read
 * @returns {{ value: T, fault?: undefined } | { value?: undefined, fault: string }}
 */
export function attempt(read) {
  try {
    return { value: read() };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { fault: error.message };
  }
}

/**
 * Puts a text into the clipboard.
 *
 * @param {string} text
 * @param {string} what its name, for the announcement
 */
export async function copyText(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    announce(`${what} copied.`);
  } catch {
    announce(`The browser did not allow to copy the ${what.toLowerCase()}.`);
  }
}
