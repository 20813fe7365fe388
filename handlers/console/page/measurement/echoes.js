/**
 * Pairs received messages with the sent messages that they echo.
 *
 * The server may omit echoes (`mute`), delay them (`delay`, `jitter`), and send
 * messages of its own. So a received message is the echo of the oldest unanswered
 * message with the same type and content, independent of the order.
 *
 * @module
 */

/** Maximum of messages without an echo; the oldest above it are discarded. */
const WAITING_LIMIT = 100_000;

/** Texts up to this length are their own keys. */
const SHORT = 64;

/**
 * @typedef {object} Waiting
 * @property {string} key
 * @property {number} at time of sending by the monotonic clock
 * @property {boolean} answered
 * @property {Waiting} [next] the next message with the same content
 */

/** Pairs messages with their echoes. */
export class Echoes {
  /**
   * The oldest and the newest waiting message by content.
   *
   * @type {Map<string, { first: Waiting, last: Waiting }>}
   */
  #byKey = new Map();
  /** @type {Waiting[]} */
  #inOrder = [];
  #limit;

  /** @param {number} [limit] */
  constructor(limit = WAITING_LIMIT) {
    this.#limit = limit;
  }

  /**
   * @param {string | Uint8Array} data content of the expected reply
   * @param {number} at milliseconds
   */
  sent(data, at) {
    /** @type {Waiting} */
    const waiting = { key: keyOf(data), at, answered: false };
    this.#append(waiting);
    this.#inOrder.push(waiting);
    if (this.#inOrder.length > 2 * this.#limit) this.#discardOldest();
  }

  /**
   * @param {string | Uint8Array} data
   * @param {number} at milliseconds
   * @returns {number | undefined} round-trip time in milliseconds; `undefined`: not an
   * echo
   */
  received(data, at) {
    const key = keyOf(data);
    const same = this.#byKey.get(key);
    if (same === undefined) return undefined;
    const { first } = same;
    first.answered = true;
    if (first.next === undefined) this.#byKey.delete(key);
    else same.first = first.next;
    return at - first.at;
  }

  /** Discards all waiting messages. */
  clear() {
    this.#byKey.clear();
    this.#inOrder = [];
  }

  /** @param {Waiting} waiting */
  #append(waiting) {
    const same = this.#byKey.get(waiting.key);
    if (same === undefined) {
      this.#byKey.set(waiting.key, { first: waiting, last: waiting });
    } else {
      same.last.next = waiting;
      same.last = waiting;
    }
  }

  #discardOldest() {
    const waiting = this.#inOrder.filter((item) => !item.answered);
    this.#inOrder = waiting.slice(-this.#limit);
    this.#byKey.clear();
    for (const item of this.#inOrder) {
      delete item.next;
      this.#append(item);
    }
  }
}

/**
 * Returns the expected reply to a message. Some routes of this server do not echo
 * `Trigger async` and `Ping`.
 *
 * @param {string | Uint8Array} data
 * @param {{ server: string, path: string }} setup
 * @returns {string | Uint8Array | undefined} `undefined`: no reply
 */
export function replyTo(data, { server, path }) {
  if (server === "other" || typeof data !== "string") return data;
  const isEcho = path === "/ws" || path === "/";
  if (isEcho && data.startsWith("Trigger async")) return "Async data";
  const pings = isEcho || path === "/control";
  return pings && server === "frame" && data.startsWith("Ping")
    ? undefined
    : data;
}

/**
 * Makes a short key for content.
 *
 * @param {string | Uint8Array} data
 * @returns {string}
 */
export function keyOf(data) {
  if (typeof data !== "string") return `b${data.length}:${hashBytes(data)}`;
  if (data.length <= SHORT) return `t${data}`;
  return `T${data.length}:${hashText(data)}`;
}

// FNV-1a.
const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

/** @param {Uint8Array} bytes */
function hashBytes(bytes) {
  let hash = OFFSET;
  for (let i = 0; i < bytes.length; i++) {
    hash = Math.imul(hash ^ /** @type {number} */ (bytes[i]), PRIME);
  }
  return hash;
}

/** @param {string} text */
function hashText(text) {
  let hash = OFFSET;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), PRIME);
  }
  return hash;
}
