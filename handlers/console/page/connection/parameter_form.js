/**
 * The fields for a route's query parameters, built from the server's table.
 *
 * @module
 */

import { byId, create, setText, showFault } from "../dom.js";
import { exampleOf, faultOf } from "../server/parameters.js";

/** @import { Parameter } from "../server/parameters.js" */
/** @import { Setup } from "./setup.js" */

/**
 * @typedef {object} Field
 * @property {Parameter} parameter
 * @property {HTMLInputElement | HTMLSelectElement} input
 * @property {HTMLElement} error
 */

/** The fold “Parameters”. */
export class ParameterForm {
  #setup;
  #changed;
  /** @type {Field[]} */
  #fields = [];
  #fold = byId("parameters", HTMLDetailsElement);

  /**
   * @param {Setup} setup whose parameters the form shows and changes
   * @param {() => void} changed
   */
  constructor(setup, changed) {
    this.#setup = setup;
    this.#changed = changed;
  }

  /**
   * Shows the fields of a route.
   *
   * @param {readonly Parameter[]} parameters
   */
  show(parameters) {
    this.#fields = [];
    const fields = parameters.map((parameter) => this.#field(parameter));
    byId("parameter-fields", HTMLElement).replaceChildren(...fields);
    this.#fold.hidden = parameters.length === 0;
    // Few fields, or such as are in use, are not worth hiding.
    this.#fold.open = parameters.length <= 2 || this.#used > 0;
    this.refresh();
  }

  /** Brings faults and the count up to date. */
  refresh() {
    const { parameters, server } = this.#setup;
    for (const { parameter, input, error } of this.#fields) {
      showFault(error, faultOf(parameter, parameters, server), input);
    }
    const used = this.#used;
    setText(
      byId("parameters-count", HTMLElement),
      used === 0 ? "" : `${used} set`,
    );
  }

  /**
   * @returns {boolean} whether all values are right
   */
  check() {
    const right = this.#fields.every(({ input }) =>
      !input.hasAttribute("aria-invalid")
    );
    if (!right) this.#fold.open = true;
    return right;
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
      : `${description} On the ${listeners[0]} listener only.`;
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
