/**
 * Which received message answers which sent one.
 *
 * An echo server answers in the order of the messages, but not each of them (one
 * is muted, one asks for something else), late or early (delay, jitter), and it
 * may speak by itself. So the pair of a received message is the oldest unanswered
 * one of the same kind and content, wherever it stands in the order.
 *
 * @module
 */

/** Messages that wait for an echo; of more, the oldest are given up. */
const WAITING_LIMIT = 100_000;

/** Texts up to this length stand for themselves. */
const SHORT = 64;

/**
 * @typedef {object} Waiting
 * @property {string} key
 * @property {number} at when it was sent, by the monotonic clock
 * @property {boolean} answered
 * @property {Waiting} [next] the next one of the same content
 */

/** Pairs messages with their echoes. */
export class Echoes {
  /**
   * The oldest and the newest of each content.
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
   * @param {string | Uint8Array} data what answers the message: itself, or more
   * @param {number} at when it was sent
   */
  sent(data, at) {
    /** @type {Waiting} */
    const waiting = { key: keyOf(data), at, answered: false };
    this.#append(waiting);
    this.#inOrder.push(waiting);
    if (this.#inOrder.length > 2 * this.#limit) this.#giveUp();
  }

  /**
   * @param {string | Uint8Array} data
   * @param {number} at when it was received
   * @returns {number | undefined} the round-trip time, if it is an echo
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

  /** Nothing is waited for any more. */
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

  #giveUp() {
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
 * What the answer to a message will be: on this server's own routes not always
 * the message itself.
 *
 * @param {string | Uint8Array} data
 * @param {{ server: string, path: string }} setup
 * @returns {string | Uint8Array | undefined} nothing where none comes
 */
export function answerTo(data, { server, path }) {
  if (server === "other" || typeof data !== "string") return data;
  if (path === "/ws" && data.startsWith("Trigger async")) return "Async data";
  const pings = path === "/ws" || path === "/control";
  return pings && server === "frame" && data.startsWith("Ping")
    ? undefined
    : data;
}

/**
 * A short name for content.
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
