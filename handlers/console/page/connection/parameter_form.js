/**
 * The form fields of a route's query parameters, built from the server's table.
 *
 * @module
 */

import { byId, create, setText, showError } from "../dom.js";
import { errorOf, exampleOf } from "../server/parameters.js";

/** @import { Parameter } from "../server/parameters.js" */
/** @import { Setup } from "./setup.js" */

/**
 * @typedef {object} Field
 * @property {Parameter} parameter
 * @property {HTMLInputElement | HTMLSelectElement} input
 * @property {HTMLElement} error
 */

/** The section “Parameters”. */
export class ParameterForm {
  #setup;
  #changed;
  /** @type {Field[]} */
  #fields = [];
  #fold = byId("parameters", HTMLDetailsElement);

  /**
   * @param {Setup} setup the form shows and changes its parameters
   * @param {() => void} changed
   */
  constructor(setup, changed) {
    this.#setup = setup;
    this.#changed = changed;
  }

  /**
   * Shows the fields of a route's parameters.
   *
   * @param {readonly Parameter[]} parameters
   */
  show(parameters) {
    this.#fields = [];
    const fields = parameters.map((parameter) => this.#field(parameter));
    byId("parameter-fields", HTMLElement).replaceChildren(...fields);
    this.#fold.hidden = parameters.length === 0;
    // Open if there are at most two fields, or if a field has a value.
    this.#fold.open = parameters.length <= 2 || this.#used > 0;
    this.refresh();
  }

  /** Updates the errors and the count. */
  refresh() {
    const { parameters, server } = this.#setup;
    for (const { parameter, input, error } of this.#fields) {
      showError(error, errorOf(parameter, parameters, server), input);
    }
    const used = this.#used;
    setText(
      byId("parameters-count", HTMLElement),
      used === 0 ? "" : `${used} set`,
    );
  }

  /**
   * Opens the section if a value is invalid.
   *
   * @returns {boolean} whether all values are valid
   */
  check() {
    const valid = this.#fields.every(({ input }) =>
      !input.hasAttribute("aria-invalid")
    );
    if (!valid) this.#fold.open = true;
    return valid;
  }

  get #used() {
    return this.#fields.filter(({ parameter: { name } }) =>
      (this.#setup.parameters[name] ?? "") !== ""
    ).length;
  }

  /** @param {Parameter} parameter */
  #field(parameter) {
    const { name, kind, unit, listeners, description } = parameter;
    const id = `parameter-${name}`;
    const input = this.#input(parameter);
    input.id = id;
    const hint = create("p", { id: `${id}-hint`, className: "hint" });
    hint.textContent = listeners.length > 1
      ? description
      : `${description} Available on the ${listeners[0]} listener only.`;
    const error = create("p", { id: `${id}-error`, className: "error" });
    input.setAttribute("aria-describedby", `${hint.id} ${error.id}`);
    this.#fields.push({ parameter, input, error });
    const label = create("label", { htmlFor: id });
    label.append(create("code", { textContent: name }));
    if (unit !== undefined) {
      label.append(
        " ",
        create("span", { textContent: unit, className: "unit" }),
      );
    }
    return kind === "flag"
      ? create("div", { className: "field check" }, input, label, hint, error)
      : create("div", { className: "field" }, label, input, hint, error);
  }

  /**
   * @param {Parameter} parameter
   * @returns {HTMLInputElement | HTMLSelectElement}
   */
  #input(parameter) {
    const { name, kind, choices = [] } = parameter;
    const value = this.#setup.parameters[name] ?? "";
    /** @param {string} text */
    const set = (text) => {
      this.#setup.parameters[name] = text;
      this.#changed();
    };
    if (kind === "choice") {
      const select = create("select");
      for (const text of ["", ...choices]) {
        select.append(
          create("option", { value: text, textContent: text || "–" }),
        );
      }
      select.value = value;
      select.addEventListener("change", () => set(select.value));
      return select;
    }
    if (kind === "flag") {
      const box = create("input", { type: "checkbox", checked: value !== "" });
      box.addEventListener("change", () => set(box.checked ? "1" : ""));
      return box;
    }
    const input = create("input", {
      type: kind === "secret" ? "password" : "text",
      value,
      placeholder: exampleOf(parameter),
      autocomplete: kind === "secret" ? "new-password" : "off",
      spellcheck: false,
    });
    if (kind === "number") input.inputMode = "numeric";
    input.addEventListener("input", () => set(input.value));
    return input;
  }
}
