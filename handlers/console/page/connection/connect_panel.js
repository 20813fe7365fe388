/**
 * Where to connect: a listener of this server and a route with its parameters,
 * or a foreign URL.
 *
 * @module
 */

import { attempt, byId, copyText, create, setText, showFault } from "../dom.js";
import { ParameterForm } from "./parameter_form.js";
import {
  addressOf,
  baseOf,
  masked,
  parseProtocols,
  parseUrl,
} from "./setup.js";

/** @import { Config, Route } from "../server/config.js" */
/** @import { State } from "./session.js" */
/** @import { Setup } from "./setup.js" */

/**
 * @typedef {object} ConnectActions
 * @property {() => void} changed the set-up is another one
 * @property {(url: string, protocols: string[]) => void} connect
 * @property {() => void} disconnect
 * @property {() => string} link to this set-up
 */

/** The form “Connect”. */
export class ConnectPanel {
  #config;
  #setup;
  #actions;
  /** @type {State} */
  #state = "idle";
  #own = byId("own", HTMLElement);
  #foreign = byId("foreign", HTMLElement);
  #path = byId("path", HTMLSelectElement);
  #url = byId("url", HTMLInputElement);
  #protocols = byId("protocols", HTMLInputElement);
  #address = byId("address", HTMLOutputElement);
  #button = byId("connect-button", HTMLButtonElement);
  #parameters;

  /**
   * @param {Config} config
   * @param {Setup} setup which the form shows and changes
   * @param {ConnectActions} actions
   */
  constructor(config, setup, actions) {
    this.#config = config;
    this.#setup = setup;
    this.#actions = actions;
    this.#parameters = new ParameterForm(setup, () => this.#changed());
    this.#offerServers();
    for (const { path } of config.routes) {
      this.#path.append(create("option", { value: path, textContent: path }));
    }
    this.#path.value = setup.path;
    this.#url.value = setup.url;
    this.#protocols.value = setup.protocols;
    this.#path.addEventListener("change", () => this.#routeChosen());
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
   * @returns {Route | undefined} nothing with a foreign URL
   */
  get route() {
    if (this.#setup.server === "other") return undefined;
    return this.#config.routes.find(({ path }) => path === this.#setup.path);
  }

  /**
   * @param {State} state
   */
  show(state) {
    this.#state = state;
    const busy = state === "connecting" || state === "open";
    setText(this.#button, busy ? "Disconnect" : "Connect");
    this.#button.classList.toggle("primary", !busy);
    this.#button.disabled = state === "closing";
  }

  /**
   * Says why no connection came about; an empty sentence takes that back.
   *
   * @param {string} sentence
   */
  explain(sentence) {
    setText(byId("connect-error", HTMLElement), sentence);
  }

  #offerServers() {
    const offers = this.#config.listeners.map(({ name, port }) => ({
      value: name,
      text: name === "edge" ? "Edge" : "Frame",
      port: `:${name === "edge" ? location.port || port : port}`,
    }));
    const known = offers.some(({ value }) => value === this.#setup.server);
    if (!known && this.#setup.server !== "other") this.#setup.server = "edge";
    const all = [...offers, { value: "other", text: "Other URL", port: "" }];
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

  #routeChosen() {
    this.#setup.path = this.#path.value;
    const known = this.route?.parameters ?? [];
    this.#setup.parameters = Object.fromEntries(
      known.flatMap(({ name, preset }) => preset ? [[name, "1"]] : []),
    );
    this.#parameters.show(known);
    this.#changed();
  }

  #changed() {
    this.#refresh();
    this.#actions.changed();
  }

  #refresh() {
    const { server } = this.#setup;
    const foreign = server === "other";
    this.#own.hidden = foreign;
    this.#foreign.hidden = !foreign;
    const { route } = this;
    setText(byId("path-hint", HTMLElement), route?.purpose ?? "");
    const spoken = route?.subprotocols ?? [];
    setText(
      byId("protocols-hint", HTMLElement),
      foreign
        ? "Separated by commas."
        : spoken.length === 0
        ? "This route speaks none."
        : `This route speaks ${spoken.join(", ")}.`,
    );
    this.#parameters.refresh();
    const { value, fault } = attempt(() => this.#target());
    setText(this.#address, fault === undefined ? masked(value) : "");
    this.#address.hidden = fault !== undefined;
    for (const check of [this.#checkUrl, this.#checkProtocols]) {
      check.call(this, false);
    }
  }

  /** The address to connect to. */
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
   * @param {boolean} strict whether an empty field is a fault, too
   * @returns {boolean}
   */
  #checkUrl(strict) {
    const { server, url } = this.#setup;
    const skipped = server !== "other" || (!strict && url === "");
    const { fault } = skipped ? {} : attempt(() => this.#target());
    showFault(byId("url-error", HTMLElement), fault, this.#url);
    return fault === undefined;
  }

  /** @returns {boolean} */
  #checkProtocols() {
    const { fault } = attempt(() => parseProtocols(this.#setup.protocols));
    showFault(byId("protocols-error", HTMLElement), fault, this.#protocols);
    return fault === undefined;
  }

  #submit() {
    if (this.#state === "connecting" || this.#state === "open") {
      return this.#actions.disconnect();
    }
    if (this.#state === "closing") return;
    const right = [
      this.#checkUrl(true),
      this.#checkProtocols(),
      this.#setup.server === "other" || this.#parameters.check(),
    ];
    if (right.includes(false)) {
      const wrong = document.querySelector("#connect [aria-invalid]");
      if (wrong instanceof HTMLElement) wrong.focus();
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
