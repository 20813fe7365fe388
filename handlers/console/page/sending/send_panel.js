/**
 * The forms “Send” and “Close”: a message in one of five formats, its repetition,
 * and a CLOSE with code and reason.
 *
 * @module
 */

import { parseClose } from "../connection/close_codes.js";
import { announce, attempt, byId, setText, showError } from "../dom.js";
import { utf8Length } from "../text/bytes.js";
import { formatCount, formatSize } from "../text/format.js";
import { parseRepeat, payloadMaker, prettyJson } from "./payload.js";
import { repeat } from "./repeat.js";

/** @import { State } from "../connection/session.js" */
/** @import { Mode, Setup } from "../connection/setup.js" */

/**
 * @typedef {object} SendActions
 * @property {() => void} changed the set-up has changed
 * @property {(data: string | Uint8Array<ArrayBuffer>) => void} send
 * @property {() => number} buffered bytes in the browser's send buffer
 * @property {(code: number, reason: string) => void} close
 */

/** The forms “Send” and “Close”. */
export class SendPanel {
  #setup;
  #actions;
  #message = byId("message", HTMLTextAreaElement);
  #size = byId("size", HTMLInputElement);
  #times = byId("times", HTMLInputElement);
  #interval = byId("interval", HTMLInputElement);
  #hint = byId("message-hint", HTMLElement);
  #error = byId("message-error", HTMLElement);
  #sendButton = byId("send-button", HTMLButtonElement);
  #stop = byId("stop", HTMLButtonElement);
  #fileInput = byId("file", HTMLInputElement);
  /** @type {Uint8Array<ArrayBuffer> | undefined} */
  #file;
  /** @type {AbortController | undefined} */
  #running;
  #open = false;

  /**
   * @param {Setup} setup the form shows and changes it
   * @param {SendActions} actions
   */
  constructor(setup, actions) {
    this.#setup = setup;
    this.#actions = actions;
    this.#bindSetup();
    this.#listenToSendForm();
    this.#listenToCloseForm();
    this.#refresh();
  }

  /** @param {State} state of the connection */
  show(state) {
    this.#open = state === "open";
    if (!this.#open) this.#running?.abort();
    for (const id of ["async", "ping", "close-button"]) {
      byId(id, HTMLButtonElement).disabled = !this.#open;
    }
    this.#showRunning();
  }

  #bindSetup() {
    const setup = this.#setup;
    for (const radio of document.querySelectorAll("#modes input")) {
      if (!(radio instanceof HTMLInputElement)) continue;
      radio.checked = radio.value === setup.mode;
      radio.addEventListener("change", () => {
        setup.mode = /** @type {Mode} */ (radio.value);
        this.#changed();
      });
    }
    for (const name of /** @type {const} */ (["size", "times", "interval"])) {
      const input = byId(name, HTMLInputElement);
      input.value = setup[name];
      input.addEventListener("input", () => {
        setup[name] = input.value;
        this.#changed();
      });
    }
  }

  #listenToSendForm() {
    this.#message.addEventListener("input", () => this.#refresh());
    this.#fileInput.addEventListener("change", () => this.#readFile());
    const form = byId("send", HTMLFormElement);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        this.#submit();
      }
    });
    this.#stop.addEventListener("click", () => this.#running?.abort());
    byId("pretty", HTMLButtonElement).addEventListener("click", () => {
      this.#message.value = prettyJson(this.#message.value);
      this.#refresh();
    });
    byId("async", HTMLButtonElement).addEventListener("click", () => {
      this.#actions.send("Trigger async");
    });
    byId("ping", HTMLButtonElement).addEventListener("click", () => {
      this.#actions.send("Ping");
    });
  }

  #listenToCloseForm() {
    byId("close", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#close();
    });
    for (const id of ["code", "reason"]) {
      byId(id, HTMLInputElement).addEventListener("input", () => {
        this.#readClose();
      });
    }
  }

  #changed() {
    this.#refresh();
    this.#actions.changed();
  }

  /** @throws {SyntaxError} the form is invalid */
  #payloadMaker() {
    return payloadMaker(this.#setup.mode, {
      message: this.#message.value,
      size: this.#size.value,
      file: this.#file,
    });
  }

  #refresh() {
    const { mode } = this.#setup;
    for (const element of document.querySelectorAll("#send [data-mode]")) {
      if (!(element instanceof HTMLElement)) continue;
      element.hidden = !element.dataset.mode?.split(" ").includes(mode);
    }
    this.#message.classList.toggle("mono", mode !== "text");
    const isEmpty = (mode === "file" && this.#file === undefined) ||
      (mode === "json" && this.#message.value === "");
    const { value: make, error } = isEmpty
      ? {}
      : attempt(() => this.#payloadMaker());
    showError(this.#error, error, this.#message, this.#size, this.#fileInput);
    setText(this.#hint, hintFor(mode, make, this.#size.value));
    this.#readRepeat();
  }

  #readRepeat() {
    const { value, error } = attempt(() =>
      parseRepeat(this.#times.value, this.#interval.value)
    );
    const output = byId("repeat-error", HTMLElement);
    showError(output, error, this.#times, this.#interval);
    return value;
  }

  async #submit() {
    if (!this.#open || this.#running !== undefined) return;
    const { value: make, error } = attempt(() => this.#payloadMaker());
    showError(this.#error, error, this.#message, this.#size, this.#fileInput);
    const schedule = this.#readRepeat();
    if (make === undefined || schedule === undefined) {
      const invalid = document.querySelector(
        "#send [aria-invalid]:not([hidden] *)",
      );
      if (invalid instanceof HTMLElement) invalid.focus();
      return;
    }
    if (schedule.times === 1) return this.#actions.send(make());
    this.#running = new AbortController();
    this.#showRunning();
    const sent = await repeat({
      ...schedule,
      send: () => this.#actions.send(make()),
      buffered: this.#actions.buffered,
      progress: (sent) =>
        setText(this.#sendButton, `${formatCount(sent)} sent`),
    }, this.#running.signal);
    this.#running = undefined;
    this.#showRunning();
    announce(`${formatCount(sent)} messages sent.`);
  }

  #showRunning() {
    const running = this.#running !== undefined;
    this.#sendButton.disabled = !this.#open || running;
    this.#stop.disabled = !running;
    if (!running) setText(this.#sendButton, "Send");
  }

  async #readFile() {
    const [file] = this.#fileInput.files ?? [];
    this.#file = file && new Uint8Array(await file.arrayBuffer());
    this.#refresh();
  }

  #readClose() {
    const code = byId("code", HTMLInputElement);
    const reason = byId("reason", HTMLInputElement);
    const { value, error } = attempt(() =>
      parseClose(code.value, reason.value)
    );
    showError(byId("close-error", HTMLElement), error, code, reason);
    return value;
  }

  #close() {
    const close = this.#readClose();
    if (close === undefined) return byId("code", HTMLInputElement).focus();
    if (this.#open) this.#actions.close(close.code, close.reason);
  }
}

/**
 * @param {Mode} mode
 * @param {(() => string | Uint8Array) | undefined} make
 * @param {string} size value of the field
 */
function hintFor(mode, make, size) {
  if (make === undefined) {
    return mode === "json" ? "Enter a JSON value." : "";
  }
  if (mode === "random") {
    return `${size.trim()} random bytes per message, sent as binary.`;
  }
  const data = make();
  const length = typeof data === "string" ? utf8Length(data) : data.length;
  const type = typeof data === "string" ? "text" : "binary";
  return `${formatSize(length)}, sent as ${type}.`;
}
