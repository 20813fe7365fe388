/**
 * One connection after the other: its state, what is sent, what arrives.
 *
 * @module
 */

/** @typedef {"idle" | "connecting" | "open" | "closing" | "closed" | "failed"} State */

/**
 * @typedef {object} Observer
 * @property {(state: State) => void} changed
 * @property {(socket: WebSocket) => void} opened
 * @property {(data: string | Uint8Array) => void} received
 * @property {(event: CloseEvent, opened: boolean) => void} closed by either side
 * @property {() => void} abandoned closed by the page before it was open
 */

/** Owns the WebSocket. */
export class Session {
  /** @type {WebSocket | undefined} */
  #socket;
  #observer;
  /** @type {State} */
  state = "idle";

  /** @param {Observer} observer */
  constructor(observer) {
    this.#observer = observer;
  }

  /** Bytes that wait in the browser. */
  get bufferedAmount() {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /**
   * @param {string} url
   * @param {string[]} protocols
   */
  connect(url, protocols) {
    const socket = new WebSocket(url, protocols);
    let opened = false;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => {
      opened = true;
      this.#become("open");
      this.#observer.opened(socket);
    });
    socket.addEventListener("message", ({ data }) => {
      this.#observer.received(
        typeof data === "string" ? data : new Uint8Array(data),
      );
    });
    socket.addEventListener("close", (event) => {
      const isAbandoned = !opened && this.state === "closing";
      this.#socket = undefined;
      this.#become(opened || isAbandoned ? "closed" : "failed");
      if (isAbandoned) this.#observer.abandoned();
      else this.#observer.closed(event, opened);
    });
    this.#socket = socket;
    this.#become("connecting");
  }

  /**
   * @param {string | Uint8Array<ArrayBuffer>} data
   */
  send(data) {
    this.#socket?.send(data);
  }

  /**
   * @param {number} [code]
   * @param {string} [reason]
   */
  close(code, reason) {
    if (this.#socket === undefined) return;
    this.#become("closing");
    this.#socket.close(code, reason);
  }

  /** @param {State} state */
  #become(state) {
    this.state = state;
    this.#observer.changed(state);
  }
}
