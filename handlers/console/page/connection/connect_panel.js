/**
 * The form “Connect”: a listener and a route of this server with its parameters,
 * or a URL of another server.
 *
 * @module
 */

import { attempt, byId, copyText, create, setText, showError } from "../dom.js";
import { addressOf, baseOf, parseProtocols, parseUrl } from "./address.js";
import { ParameterForm } from "./parameter_form.js";
import { masked } from "./secrets.js";

/** @import { Config, Route } from "../server/config.js" */
/** @import { State } from "./session.js" */
/** @import { Setup } from "./setup.js" */

/**
 * @typedef {object} ConnectActions
 * @property {() => void} changed the set-up has changed
 * @property {(url: string, protocols: string[]) => void} connect
 * @property {() => void} disconnect
 * @property {() => string} link makes a link to the set-up
 */

/** The form “Connect”. */
export class ConnectPanel {
  #config;
  #setup;
  #actions;
  /** @type {State} */
  #state = "idle";
  #own = byId("own", HTMLElement);
  #other = byId("foreign", HTMLElement);
  #path = byId("path", HTMLSelectElement);
  #url = byId("url", HTMLInputElement);
  #protocols = byId("protocols", HTMLInputElement);
  #address = byId("address", HTMLOutputElement);
  #button = byId("connect-button", HTMLButtonElement);
  #parameters;

  /**
   * @param {Config} config
   * @param {Setup} setup the form shows and changes it
   * @param {ConnectActions} actions
   */
  constructor(config, setup, actions) {
    this.#config = config;
    this.#setup = setup;
    this.#actions = actions;
    this.#parameters = new ParameterForm(setup, () => this.#changed());
    this.#addServers();
    for (const { path } of config.routes) {
      this.#path.append(create("option", { value: path, textContent: path }));
    }
    this.#path.value = setup.path;
    this.#url.value = setup.url;
    this.#protocols.value = setup.protocols;
    this.#path.addEventListener("change", () => this.#changeRoute());
    this.#url.addEventListener("input", () => {
      setup.url = this.#url.value.trim();
      this.#changed();
    });
    this.#protocols.addEventListener("input", () => {
      setup.protocols = this.#protocols.value;
      this.#changed();
    });
    byId("connect", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    byId("copy-link", HTMLButtonElement).addEventListener("click", () => {
      copyText(actions.link(), "Link");
    });
    this.#parameters.show(this.route?.parameters ?? []);
    this.#refresh();
  }

  /**
   * The chosen route of this server.
   *
   * @returns {Route | undefined} `undefined`: a URL of another server
   */
  get route() {
    if (this.#setup.server === "other") return undefined;
    return this.#config.routes.find(({ path }) => path === this.#setup.path);
  }

  /** @param {State} state of the connection */
  show(state) {
    this.#state = state;
    const busy = state === "connecting" || state === "open";
    setText(this.#button, busy ? "Disconnect" : "Connect");
    this.#button.classList.toggle("primary", !busy);
    this.#button.disabled = state === "closing";
  }

  /**
   * Shows why the handshake failed.
   *
   * @param {string} sentence empty: removes the explanation
   */
  explain(sentence) {
    setText(byId("connect-error", HTMLElement), sentence);
  }

  #addServers() {
    const listeners = this.#config.listeners.map(({ name, port }) => ({
      value: name,
      text: name === "edge" ? "Edge" : "Frame",
      port: `:${name === "edge" ? location.port || port : port}`,
    }));
    const known = listeners.some(({ value }) => value === this.#setup.server);
    if (!known && this.#setup.server !== "other") this.#setup.server = "edge";
    const all = [...listeners, { value: "other", text: "Other URL", port: "" }];
    for (const { value, text, port } of all) {
      const radio = create("input", { type: "radio", name: "server", value });
      radio.checked = value === this.#setup.server;
      radio.addEventListener("change", () => {
        this.#setup.server = value;
        this.#changed();
      });
      byId("servers", HTMLFieldSetElement).append(
        create(
          "label",
          {},
          radio,
          create("span", {}, text, ...labelOf(port)),
        ),
      );
    }
  }

  #changeRoute() {
    this.#setup.path = this.#path.value;
    const parameters = this.route?.parameters ?? [];
    this.#setup.parameters = Object.fromEntries(
      parameters.flatMap(({ name, preset }) => preset ? [[name, "1"]] : []),
    );
    this.#parameters.show(parameters);
    this.#changed();
  }

  #changed() {
    this.#refresh();
    this.#actions.changed();
  }

  #refresh() {
    const { server } = this.#setup;
    const isOther = server === "other";
    this.#own.hidden = isOther;
    this.#other.hidden = !isOther;
    const { route } = this;
    setText(byId("path-hint", HTMLElement), route?.purpose ?? "");
    const supported = route?.subprotocols ?? [];
    setText(
      byId("protocols-hint", HTMLElement),
      isOther
        ? "Comma-separated."
        : supported.length === 0
        ? "This route supports no subprotocol."
        : `This route supports ${supported.join(", ")}.`,
    );
    this.#parameters.refresh();
    const { value, error } = attempt(() => this.#target());
    setText(this.#address, error === undefined ? masked(value) : "");
    this.#address.hidden = error !== undefined;
    // With several threads no route has the parameter.
    const isRecorded = route?.parameters.some(({ name }) => name === "journal");
    const journal = isRecorded ? this.#setup.parameters["journal"] ?? "" : "";
    byId("journal", HTMLElement).hidden = journal === "";
    byId("journal-link", HTMLAnchorElement).href = `/journal/${
      encodeURIComponent(journal)
    }`;
    this.#checkUrl(false);
    this.#checkProtocols();
  }

  /**
   * The URL to connect to.
   *
   * @throws {SyntaxError} the set-up is invalid
   */
  #target() {
    const { server, url } = this.#setup;
    if (server === "other") {
      return parseUrl(url, location.protocol === "https:");
    }
    const listener = this.#config.listeners.find(({ name }) => name === server);
    const port = server === "edge" ? undefined : listener?.port;
    return addressOf(
      baseOf(location, port),
      this.#setup,
      this.route?.parameters ?? [],
    );
  }

  /**
   * @param {boolean} strict whether an empty field is an error
   * @returns {boolean}
   */
  #checkUrl(strict) {
    const { server, url } = this.#setup;
    const skipped = server !== "other" || (!strict && url === "");
    const { error } = skipped ? {} : attempt(() => this.#target());
    showError(byId("url-error", HTMLElement), error, this.#url);
    return error === undefined;
  }

  /** @returns {boolean} */
  #checkProtocols() {
    const { error } = attempt(() => parseProtocols(this.#setup.protocols));
    showError(byId("protocols-error", HTMLElement), error, this.#protocols);
    return error === undefined;
  }

  #submit() {
    if (this.#state === "connecting" || this.#state === "open") {
      return this.#actions.disconnect();
    }
    if (this.#state === "closing") return;
    const checks = [
      this.#checkUrl(true),
      this.#checkProtocols(),
      this.#setup.server === "other" || this.#parameters.check(),
    ];
    if (checks.includes(false)) {
      const invalid = document.querySelector("#connect [aria-invalid]");
      if (invalid instanceof HTMLElement) invalid.focus();
      return;
    }
    this.#actions.connect(
      this.#target(),
      parseProtocols(this.#setup.protocols),
    );
  }
}

/** @param {string} port */
function labelOf(port) {
  return port === "" ? [] : [create("small", { textContent: port })];
}
