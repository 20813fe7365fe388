/**
 * The runtime's own TCP handles: the ones below `node:net`.
 *
 * What the runtime documents, `Deno.Conn` and `net.Socket`, costs a promise a
 * read and a write, or a stream of objects a connection: 6.5 KB and 4.7 KB for
 * each that waits, where a bare handle takes 2.8 KB, and more time for a small
 * message. A handle calls when bytes have arrived, having read them in that
 * moment, and writes at once what the system takes at once.
 *
 * This module is the only one that knows where to find them.
 * {@linkcode tcpHandlesExist} says whether this runtime has all that is used;
 * where it has not, `ConnSocket` does the same on what is documented.
 *
 * @module
 */

import process from "node:process";

/** What `node:net` does not document, as far as it is used. */
export interface TcpHandle {
  /** Called with 0 when somebody can be accepted, or with an error. */
  onconnection?(status: number): void;
  /** Called when a read has ended; see {@linkcode lastRead}. */
  onread?(): void;
  /** Takes the next one that wants to connect over; 0, or an error. */
  accept(peer: TcpHandle): number;
  /** Binds to an address of IPv4, or a name; 0, or an error. */
  bind(address: string, port: number): number;
  /** Binds to an address of IPv6; 0, or an error. */
  bind6(address: string, port: number, flags: number): number;
  /** Listens; 0, or an error. */
  listen(backlog: number): number;
  /** Fills in this side's address; 0, or an error. */
  getsockname(out: Partial<TcpAddress>): number;
  /** Fills in the peer's address; 0, or an error. */
  getpeername(out: Partial<TcpAddress>): number;
  /** Turns Nagle's algorithm off, or on; 0, or an error. */
  setNoDelay(off: boolean): number;
  /** Says where reads go, instead of to a new buffer each. */
  useUserBuffer(view: Uint8Array<ArrayBuffer>): void;
  /** Starts looking for bytes; 0, or an error. */
  readStart(): number;
  /** Stops it; 0, or an error. */
  readStop(): number;
  /**
   * Writes what the system takes, and refers to the rest until that is written,
   * too: see {@linkcode isWriteLeft}; 0, or an error.
   */
  writeBuffer(request: TcpRequest, bytes: Uint8Array<ArrayBuffer>): number;
  /** Ends the writes, later; 0, or an error. */
  shutdown(request: TcpRequest): number;
  /** Ends the connection, or stops listening. */
  close(): void;
}

/** What a handle reports to that was not done at once. */
export interface TcpRequest {
  /** Called with 0 or an error, and the handle. */
  oncomplete(status: number, handle: TcpHandle): void;
}

/** A side of a connection. */
export interface TcpAddress {
  /** The IP address. */
  readonly address: string;
  /** The port. */
  readonly port: number;
}

interface Bindings {
  readonly TCP: new (type: number) => TcpHandle;
  readonly WriteWrap: new () => object;
  readonly ShutdownWrap: new () => object;
  /** Where a handle says how its last read and write went. */
  readonly streamBaseState: Int32Array;
  readonly kReadBytesOrError: number;
  readonly kLastWriteWasAsync: number;
  /** Kinds of handles. */
  readonly constants: { readonly SOCKET: number; readonly SERVER: number };
  /** The error that is none: the peer has ended. */
  readonly UV_EOF: number;
}

/** Stands in for what a runtime does not have; nothing of it is called then. */
const NOTHING: Bindings = {
  TCP: class {} as unknown as Bindings["TCP"],
  WriteWrap: class {},
  ShutdownWrap: class {},
  streamBaseState: new Int32Array(0),
  kReadBytesOrError: 0,
  kLastWriteWasAsync: 0,
  constants: { SOCKET: 0, SERVER: 1 },
  UV_EOF: 0,
};

const METHODS: readonly (keyof TcpHandle)[] = [
  "accept",
  "bind",
  "bind6",
  "listen",
  "getsockname",
  "getpeername",
  "setNoDelay",
  "useUserBuffer",
  "readStart",
  "readStop",
  "writeBuffer",
  "shutdown",
  "close",
];

const found = findBindings();
const bindings = found ?? NOTHING;
const { streamBaseState, kReadBytesOrError, kLastWriteWasAsync } = bindings;

function findBindings(): Bindings | undefined {
  try {
    const { binding } = process as unknown as {
      binding(name: string): Partial<Bindings>;
    };
    const all = {
      ...binding("tcp_wrap"),
      ...binding("stream_wrap"),
      UV_EOF: binding("uv").UV_EOF,
    } as Bindings;
    const isAll = Object.keys(NOTHING).every((name) => name in all) &&
      METHODS.every((name) => name in all.TCP.prototype);
    return isAll ? all : undefined;
  } catch {
    return undefined;
  }
}

/** Whether this runtime has all that is used of its handles. */
export const tcpHandlesExist: boolean = found !== undefined;

/** The handles' class. */
export const TcpHandle: new (type: number) => TcpHandle = bindings.TCP;

/** What a handle can be made for. */
export const HANDLE_TYPE: { readonly SOCKET: number; readonly SERVER: number } =
  bindings.constants;

/** What {@linkcode lastRead} says when the peer has ended its side. */
export const END_OF_FILE: number = bindings.UV_EOF;

/** Bytes of the read that a handle has just told of, or a negative error. */
export function lastRead(): number {
  return streamBaseState[kReadBytesOrError]!;
}

/** Whether the last `writeBuffer` has left something to be written later. */
export function isWriteLeft(): boolean {
  return streamBaseState[kLastWriteWasAsync] !== 0;
}

/**
 * Makes a request for writes; one serves all, as its handle is told along.
 *
 * @param oncomplete called when what was left is written, or cannot be
 */
export function writeRequest(
  oncomplete: TcpRequest["oncomplete"],
): TcpRequest {
  return Object.assign(new bindings.WriteWrap(), { oncomplete });
}

/**
 * Makes a request for the ends of writes; one serves all.
 *
 * @param oncomplete called when writes have ended, or could not
 */
export function shutdownRequest(
  oncomplete: TcpRequest["oncomplete"],
): TcpRequest {
  return Object.assign(new bindings.ShutdownWrap(), { oncomplete });
}
