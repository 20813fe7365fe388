/**
 * What a server did that RFC 6455 forbids.
 *
 * @module
 */

/** The rules that a server's frames are held to, by what breaks them. */
export type FaultCode =
  | "reserved bit"
  | "reserved opcode"
  | "masked frame"
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

/** Where RFC 6455 says so. */
const SECTION: Readonly<Record<FaultCode, string>> = {
  "reserved bit": "5.2",
  "reserved opcode": "5.2",
  "masked frame": "5.1",
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

/** A server that broke the protocol. */
export class ServerFault extends Error {
  /** The class. */
  override readonly name = "ServerFault";
  /** Which rule. */
  readonly code: FaultCode;
  /** Section of RFC 6455. */
  readonly section: string;

  /**
   * Makes a fault.
   *
   * @param code which rule
   * @param seen what was on the wire, in a few words
   */
  constructor(code: FaultCode, seen: string) {
    super(`the server sent ${seen}`);
    this.code = code;
    this.section = SECTION[code];
  }
}
