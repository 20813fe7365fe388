/**
 * The WebSocket connection of the page and its state.
 *
 * @module
 */

/** @typedef {"idle" | "connecting" | "open" | "closing" | "closed" | "failed"} State */

/**
 * @typedef {object} Observer
 * @property {(state: State) => void} changed
 * @property {(socket: WebSocket) => void} opened
 * @property {(data: string | Uint8Array) => void} received
 * @property {(event: CloseEvent, opened: boolean) => void} closed `opened`: the handshake had completed
 * @property {() => void} cancelled the page closed it before the handshake completed
 */

/** Owns the WebSocket; a new connection replaces the previous one. */
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

  /** Bytes that the browser has not sent yet. */
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
      this.#setState("open");
      this.#observer.opened(socket);
    });
    socket.addEventListener("message", ({ data }) => {
      this.#observer.received(
        typeof data === "string" ? data : new Uint8Array(data),
      );
    });
    socket.addEventListener("close", (event) => {
      const isCancelled = !opened && this.state === "closing";
      this.#socket = undefined;
      this.#setState(opened || isCancelled ? "closed" : "failed");
      if (isCancelled) this.#observer.cancelled();
      else this.#observer.closed(event, opened);
    });
    this.#socket = socket;
    this.#setState("connecting");
  }

  /** @param {string | Uint8Array<ArrayBuffer>} data */
  send(data) {
    this.#socket?.send(data);
  }

  /**
   * @param {number} [code]
   * @param {string} [reason]
   */
  close(code, reason) {
    if (this.#socket === undefined) return;
    this.#setState("closing");
    this.#socket.close(code, reason);
  }

  /** @param {State} state */
  #setState(state) {
    this.state = state;
    this.#observer.changed(state);
  }
}
