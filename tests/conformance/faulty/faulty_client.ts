/**
 * A client for the cases that can be made faulty, one rule at a time. Without a fault it
 * passes every case.
 *
 * @module
 */

import { concat } from "../../../lib/client/concat.ts";
import type { ByteStream } from "../../../lib/client/dial.ts";
import { FaultRecord } from "../../../lib/client/protocol_error.ts";
import {
  closePayload,
  encodeFrame,
  type FrameOptions,
  maskingKey,
} from "../../../lib/client/frame.ts";
import { field } from "../../../lib/client/handshake.ts";
import { openHandshake, writeAll } from "../../../lib/client/opening.ts";
import { readDeflateResponse } from "../../../lib/conformance/case/deflate_parameters.ts";
import { Compression } from "../../../lib/conformance/engine/compression.ts";
import {
  type Decoded,
  FrameDecoder,
  type FrameHeader,
} from "../../../lib/conformance/engine/frame_decoder.ts";
import type { DeflateAgreement } from "../../../lib/frame/codec/deflate_offer.ts";
import { parseExtensions } from "../../../lib/frame/codec/extensions.ts";
import { isCloseCodeAllowed } from "../../../lib/protocol/close_code.ts";
import { OPCODE_NUMBER } from "../../../lib/websocket.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** What a client does wrong; without a field, it is correct. */
export interface Faults {
  /** Changes the echo of a message; `undefined`: none. */
  readonly echo?: (message: Message) => Message | undefined;
  /** Changes the fragments of a message before they are put together. */
  readonly assemble?: (fragments: readonly Bytes[]) => readonly Bytes[];
  /** Loses the fragments of a message when a control frame is between them. */
  readonly losesFragments?: true;
  /** Changes a PONG; `undefined`: none. */
  readonly pong?: (payload: Bytes) => Bytes | undefined;
  /** Echoes leave FIN out. */
  readonly neverFinishes?: true;
  /** How frames are masked. */
  readonly mask?: "reused" | "none";
  /** Rules that the client does not check. */
  readonly accepts?: ReadonlySet<Check>;
  /** Checks texts when they are complete, not as they arrive. */
  readonly checksTextsLate?: true;
  /** Changes the answer to CLOSE; `undefined`: none. */
  readonly close?: (payload: Bytes) => Bytes | undefined;
  /** Ends TCP in place of the answer to CLOSE. */
  readonly dropsAtClose?: true;
  /** Ends TCP in place of a CLOSE at a violation. */
  readonly dropsAtViolation?: true;
  /** The close code at a violation. */
  readonly violationCode?: number;
  /** Answers CLOSE after the frames that have arrived with it. */
  readonly answersCloseLate?: true;
  /** Ends TCP at once, before anything is answered. */
  readonly dropsAtOpen?: true;
  /** Bytes of a message at most; a longer one is a violation with 1009. */
  readonly maxMessage?: number;
  /** Offers no compression. */
  readonly offersNothing?: true;
  /** Changes the negotiated parameters before they are used. */
  readonly agreement?: (agreement: DeflateAgreement) => DeflateAgreement;
  /** Changes a compressed payload. */
  readonly deflated?: (payload: Bytes) => Bytes;
}

/** The rules that a client checks. */
export type Check =
  | "reserved bits"
  | "opcodes"
  | "control length"
  | "control fragments"
  | "fragment order"
  | "UTF-8"
  | "close length"
  | "close codes"
  | "close reasons";

/** A data message. */
export interface Message {
  /** Its type. */
  readonly opcode: "text" | "binary";
  /** Its payload. */
  readonly payload: Bytes;
}

const RSV1 = 4;
const CONTROL = 8;
const MAX_CONTROL = 125;
const READ_SIZE = 64 * 1024;

const { close: CLOSE, ping: PING, pong: PONG, continuation: CONTINUATION } =
  OPCODE_NUMBER;

const REUSED_MASK = Uint8Array.of(1, 2, 3, 4);

const utf8 = () => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Runs one case.
 *
 * @param url of the case
 * @param faults of the client
 */
export async function runFaulty(url: string, faults: Faults): Promise<void> {
  const offer = faults.offersNothing
    ? {}
    : { extensions: "permessage-deflate; client_max_window_bits" };
  const opened = await openHandshake(
    new URL(url),
    offer,
    new FaultRecord(true),
  );
  const { conn, handshake, frames } = opened;
  const extensions = field(handshake.response, "sec-websocket-extensions");
  const agreement = readDeflateResponse(
    parseExtensions(extensions ?? "") ?? [],
  );
  const client = new FaultyClient(conn, faults, agreement);
  try {
    await client.run(frames.takeRaw());
  } finally {
    client.free();
  }
}

/** A violation of the server; the client fails the connection. */
class Violation extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`violation: ${code}`);
    this.code = code;
  }
}

class FaultyClient {
  readonly #conn: ByteStream;
  readonly #faults: Faults;
  readonly #decoder = new FrameDecoder("client", true);
  readonly #compression: Compression | undefined;
  /** The current message. */
  #opcode: "text" | "binary" | undefined;
  #compressed = false;
  #fragments: Bytes[][] = [];
  #length = 0;
  #text = utf8();
  /** The current frame. */
  #frame: Bytes[] = [];
  #hasSentClose = false;
  #hasFailed = false;
  /** The answer to CLOSE, if it is late. */
  #lateClose: Bytes | undefined;
  #isClosed = false;

  constructor(
    conn: ByteStream,
    faults: Faults,
    agreement: DeflateAgreement | undefined,
  ) {
    this.#conn = conn;
    this.#faults = faults;
    this.#compression = agreement &&
      new Compression(faults.agreement?.(agreement) ?? agreement, "client");
  }

  /** Reads to the end of TCP. */
  async run(received: Bytes): Promise<void> {
    if (this.#faults.dropsAtOpen) return this.#drop();
    let bytes: Bytes | undefined = received;
    while (bytes !== undefined && !this.#isClosed) {
      if (bytes.length > 0 && !this.#hasFailed) await this.#receive(bytes);
      if (this.#isClosed) return;
      bytes = await this.#read();
    }
    this.#drop();
  }

  /** Gives memory back. */
  free(): void {
    this.#compression?.free();
    this.#drop();
  }

  async #read(): Promise<Bytes | undefined> {
    const buffer = new Uint8Array(READ_SIZE);
    try {
      const count = await this.#conn.read(buffer);
      return count === null ? undefined : buffer.slice(0, count);
    } catch {
      return undefined;
    }
  }

  #drop(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#conn.close();
  }

  async #receive(bytes: Bytes): Promise<void> {
    this.#decoder.push(bytes);
    try {
      for (;;) {
        const decoded = this.#decoder.next();
        if (decoded === undefined) break;
        if (decoded.kind === "part") await this.#part(decoded);
        if (this.#hasFailed || this.#isClosed) return;
      }
      if (this.#lateClose !== undefined) await this.#sendClose(this.#lateClose);
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      await this.#fail(this.#faults.violationCode ?? error.code);
    }
  }

  /** Fails the connection (RFC 6455 §7.1.7). */
  async #fail(code: number): Promise<void> {
    this.#hasFailed = true;
    if (this.#faults.dropsAtViolation) return this.#drop();
    if (!this.#hasSentClose) await this.#sendClose(closePayload(code));
  }

  async #part({ header, offset, bytes, isLast }: Decoded & { kind: "part" }) {
    if (this.#hasSentClose) return;
    const { opcode } = header;
    if (offset === 0) this.#check(header);
    const part = bytes.slice();
    if (opcode >= CONTROL) {
      this.#frame.push(part);
      if (!isLast) return;
      const payload = concat(this.#frame);
      this.#frame = [];
      return await this.#control(header, payload);
    }
    if (this.#opcode === undefined) return;
    await this.#data(part, header.final && isLast, offset === 0);
  }

  #check({ opcode, final, rsv, length }: FrameHeader): void {
    const isStart = opcode !== CONTINUATION && opcode < CONTROL;
    const mayBeCompressed = this.#compression !== undefined && isStart;
    this.#require(
      "reserved bits",
      rsv === 0 || mayBeCompressed && rsv === RSV1,
    );
    const isKnown = opcode <= 2 || opcode >= CLOSE && opcode <= PONG;
    this.#require("opcodes", isKnown);
    if (opcode >= CONTROL) {
      this.#require("control length", length <= MAX_CONTROL);
      this.#require("control fragments", final);
      return;
    }
    const isInMessage = this.#opcode !== undefined;
    this.#require("fragment order", isStart !== isInMessage);
    if (!isStart || isInMessage) return;
    this.#opcode = opcode === OPCODE_NUMBER.text ? "text" : "binary";
    this.#compressed = mayBeCompressed && rsv === RSV1;
    this.#fragments = [];
    this.#length = 0;
    this.#text = utf8();
  }

  /** Checks a rule, unless the client's fault is not to. */
  #require(check: Check, holds: boolean, code = 1002): void {
    if (!holds && !this.#faults.accepts?.has(check)) throw new Violation(code);
  }

  async #data(part: Bytes, isEnd: boolean, isNewFrame: boolean): Promise<void> {
    const opcode = this.#opcode!;
    let bytes = part;
    if (this.#compressed) {
      const inflated: Bytes[] = [];
      const number = OPCODE_NUMBER[opcode];
      const fault = await this.#compression!.inflate(
        number,
        part,
        isEnd,
        (bytes) => inflated.push(bytes.slice()),
      );
      if (fault !== undefined) throw new Violation(1007);
      bytes = concat(inflated);
    }
    this.#length += bytes.length;
    const { maxMessage = Infinity } = this.#faults;
    if (this.#length > maxMessage) throw new Violation(1009);
    if (isNewFrame || this.#fragments.length === 0) this.#fragments.push([]);
    this.#fragments.at(-1)!.push(bytes);
    if (opcode === "text" && !this.#faults.checksTextsLate) {
      this.#checkText(bytes, isEnd);
    }
    if (!isEnd) return;
    const fragments = this.#fragments.map((parts) => concat(parts));
    this.#opcode = undefined;
    if (opcode === "text" && this.#faults.checksTextsLate) {
      this.#checkText(concat(fragments), true);
    }
    const payload = concat([
      ...this.#faults.assemble?.(fragments) ?? fragments,
    ]);
    await this.#echo({ opcode, payload });
  }

  #checkText(bytes: Bytes, isEnd: boolean): void {
    try {
      this.#text.decode(bytes, { stream: !isEnd });
    } catch {
      this.#require("UTF-8", false, 1007);
      this.#text = utf8();
    }
  }

  async #echo(message: Message): Promise<void> {
    const { echo, neverFinishes, deflated } = this.#faults;
    const answer = echo === undefined ? message : echo(message);
    if (answer === undefined) return;
    const options: FrameOptions = { final: !neverFinishes };
    if (this.#compression === undefined) {
      return await this.#send(answer.opcode, answer.payload, options);
    }
    const payload = Uint8Array.from(
      this.#compression.deflate(answer.payload),
    );
    const sent = deflated?.(payload) ?? payload;
    await this.#send(answer.opcode, sent, { ...options, rsv: RSV1 });
  }

  async #control({ opcode }: FrameHeader, payload: Bytes): Promise<void> {
    if (this.#faults.losesFragments && this.#opcode !== undefined) {
      this.#fragments = [];
    }
    if (opcode === CLOSE) return await this.#closeReceived(payload);
    if (opcode !== PING) return;
    const { pong } = this.#faults;
    const answer = pong === undefined ? payload : pong(payload);
    if (answer !== undefined) await this.#send("pong", answer);
  }

  async #closeReceived(payload: Bytes): Promise<void> {
    const { close, dropsAtClose } = this.#faults;
    this.#require("close length", payload.length !== 1);
    if (payload.length >= 2) {
      const code = payload[0]! << 8 | payload[1]!;
      this.#require("close codes", isCloseCodeAllowed(code));
      this.#require("close reasons", isUtf8(payload.subarray(2)), 1007);
    }
    if (dropsAtClose) return this.#drop();
    if (this.#hasSentClose) return;
    const answer = close === undefined ? payload.slice(0, 2) : close(payload);
    if (this.#faults.answersCloseLate) this.#lateClose = answer;
    else if (answer !== undefined) await this.#sendClose(answer);
  }

  async #sendClose(payload: Bytes): Promise<void> {
    this.#hasSentClose = true;
    await this.#send("close", payload);
  }

  async #send(
    opcode: Parameters<typeof encodeFrame>[0],
    payload: Bytes,
    options: FrameOptions = {},
  ): Promise<void> {
    const { mask } = this.#faults;
    const key = mask === "reused" ? REUSED_MASK : mask ?? maskingKey();
    try {
      const frame = encodeFrame(opcode, payload, { ...options, mask: key });
      await writeAll(this.#conn, frame);
    } catch {
      this.#drop();
    }
  }
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    utf8().decode(bytes);
    return true;
  } catch {
    return false;
  }
}
