/**
 * Protocol violations of a server, or of a client whose frames a server reads.
 *
 * @module
 */

/**
 * The violations that the client detects.
 *
 * @example
 * ```ts
 * import { type FaultCode, ProtocolError } from "@ws-echo/server/client";
 * import { assert } from "@std/assert";
 *
 * const tolerated: FaultCode[] = ["length not in its shortest form"];
 * const isSevere = ({ code }: ProtocolError) => !tolerated.includes(code);
 * assert(isSevere(new ProtocolError("reserved opcode", "the opcode 3")));
 * ```
 */
export type FaultCode =
  | "reserved bit"
  | "reserved opcode"
  | "masked frame"
  | "unmasked frame"
  | "long control frame"
  | "fragmented control frame"
  | "length not in its shortest form"
  | "length over 63 bits"
  | "too long"
  | "continuation of nothing"
  | "message inside a message"
  | "close payload of one byte"
  | "close code that may not be sent"
  | "not UTF-8";

/** The section of RFC 6455 that forbids each violation. */
const SECTION: Readonly<Record<FaultCode, string>> = {
  "reserved bit": "5.2",
  "reserved opcode": "5.2",
  "masked frame": "5.1",
  "unmasked frame": "5.1",
  "long control frame": "5.5",
  "fragmented control frame": "5.5",
  "length not in its shortest form": "5.2",
  "length over 63 bits": "5.2",
  "too long": "10.4",
  "continuation of nothing": "5.4",
  "message inside a message": "5.4",
  "close payload of one byte": "5.5.1",
  "close code that may not be sent": "7.4",
  "not UTF-8": "8.1",
};

/**
 * The peer that sends the frames.
 *
 * @example
 * ```ts
 * import { FrameReader, type Sender } from "@ws-echo/server/client";
 * import { assertThrows } from "@std/assert";
 *
 * const from: Sender = "client";
 * const reader = new FrameReader({ from });
 * reader.push(Uint8Array.of(0x81, 0)); // an empty text without a mask
 * assertThrows(() => reader.next(), "unmasked frame");
 * ```
 */
export type Sender = "server" | "client";

/**
 * Thrown when a server violates RFC 6455, or a client whose frames are read.
 *
 * @example
 * ```ts
 * import { ProtocolError } from "@ws-echo/server/client";
 * import { assertEquals } from "@std/assert";
 *
 * const lineOf = ({ message, section }: ProtocolError) =>
 *   `${message}: RFC 6455 §${section}`;
 * const fault = new ProtocolError("masked frame", "a masked frame");
 * assertEquals(lineOf(fault), "the server sent a masked frame: RFC 6455 §5.1");
 * ```
 */
export class ProtocolError extends Error {
  /** The class. */
  override readonly name = "ProtocolError";
  /** The violation. */
  readonly code: FaultCode;
  /** The section of RFC 6455 that forbids it, such as `5.2`. */
  readonly section: string;

  /**
   * Makes a fault.
   *
   * @param code the violation
   * @param seen a short description of the data
   * @param sender the peer that sent it
   */
  constructor(code: FaultCode, seen: string, sender: Sender = "server") {
    super(`the ${sender} sent ${seen}`);
    this.code = code;
    this.section = SECTION[code];
  }
}

/** The violations of one connection, in the order in which they were found. */
export class FaultRecord {
  /** All violations. */
  readonly faults: ProtocolError[] = [];
  readonly #isTolerant: boolean;
  readonly #sender: Sender;
  #fatal: ProtocolError | undefined;

  /**
   * Starts without violations.
   *
   * @param isTolerant whether reading continues after a violation
   * @param sender the peer that sends the frames
   */
  constructor(isTolerant = false, sender: Sender = "server") {
    this.#isTolerant = isTolerant;
    this.#sender = sender;
  }

  /**
   * Does nothing unless a violation has ended reading.
   *
   * @throws {ProtocolError} the violation
   */
  throwIfFatal(): void {
    if (this.#fatal !== undefined) throw this.#fatal;
  }

  /**
   * Adds a violation.
   *
   * @param code the violation
   * @param seen a short description of the data
   * @throws {ProtocolError} unless the record is tolerant
   */
  report(code: FaultCode, seen: string): void {
    if (!this.#isTolerant) this.fail(code, seen);
    this.faults.push(new ProtocolError(code, seen, this.#sender));
  }

  /**
   * Adds a violation after which nothing can be read.
   *
   * @param code the violation
   * @param seen a short description of the data
   * @throws {ProtocolError} always
   */
  fail(code: FaultCode, seen: string): never {
    this.#fatal = new ProtocolError(code, seen, this.#sender);
    this.faults.push(this.#fatal);
    throw this.#fatal;
  }
}
