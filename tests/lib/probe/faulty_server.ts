/**
 * A server on raw TCP that can violate the protocol.
 *
 * @module
 */

import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { acceptKey } from "../../../lib/frame/codec/accept.ts";

/** A client's frame, after unmasking. */
export interface ClientFrame {
  readonly opcode: number;
  readonly final: boolean;
  readonly payload: Uint8Array;
}

/** Deviations of a server from a correct echo. */
export interface Behaviour {
  /** Called when TCP is connected. */
  readonly connected?: (socket: Socket) => void;
  /** Answers the handshake; gets the correct `Sec-WebSocket-Accept`. */
  readonly answer?: (socket: Socket, accept: string) => void;
  /** Called after the 101. */
  readonly open?: (socket: Socket) => void;
  /** Called for every frame. */
  readonly frame?: (socket: Socket, frame: ClientFrame) => void;
}

/** A running server. */
export interface FaultyServer extends AsyncDisposable {
  /** The server's address. */
  readonly url: URL;
}

/**
 * Writes a server's frame.
 *
 * @param first FIN, RSV bits and opcode
 * @param payload of the frame
 */
export function serverFrame(
  first: number,
  payload: Uint8Array | string = "",
): Uint8Array {
  const bytes = typeof payload === "string"
    ? new TextEncoder().encode(payload)
    : payload;
  const { length } = bytes;
  const head = length < 126
    ? [first, length]
    : length < 65536
    ? [first, 126, length >> 8, length & 255]
    : [first, 127, 0, 0, 0, 0, 0, length >> 16, length >> 8, length].map((x) =>
      x & 255
    );
  const frame = new Uint8Array(head.length + length);
  frame.set(head);
  frame.set(bytes, head.length);
  return frame;
}

/**
 * Echoes messages and CLOSE and answers PING, as a correct server does.
 *
 * @param socket the connection
 * @param frame from the client
 */
export function echo(socket: Socket, frame: ClientFrame): void {
  const { opcode, final, payload } = frame;
  const answer = opcode === 0x9 ? 0xa : opcode;
  socket.write(serverFrame((final ? 0x80 : 0) | answer, payload));
  if (opcode === 0x8) socket.end();
}

/**
 * Writes a 101.
 *
 * @param socket the connection
 * @param accept the `Sec-WebSocket-Accept`
 * @param further header fields
 */
export function switchProtocols(
  socket: Socket,
  accept: string,
  further: readonly string[] = [],
): void {
  socket.write([
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${accept}`,
    ...further,
    "",
    "",
  ].join("\r\n"));
}

/**
 * Starts a server on a free port.
 *
 * @param behaviour deviations from a correct echo
 */
export async function serve(behaviour: Behaviour): Promise<FaultyServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    behaviour.connected?.(socket);
    handleInput(socket, behaviour);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`ws://127.0.0.1:${port}/`),
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function handleInput(socket: Socket, behaviour: Behaviour): void {
  const { answer = switchProtocols, open, frame = echo } = behaviour;
  let input = new Uint8Array(0);
  let isOpen = false;
  socket.on("data", (chunk: Uint8Array) => {
    const buffer = new Uint8Array(input.length + chunk.length);
    buffer.set(input);
    buffer.set(chunk, input.length);
    input = buffer;
    if (!isOpen) {
      const head = new TextDecoder().decode(input);
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      input = input.slice(end + 4);
      isOpen = true;
      const key = /sec-websocket-key: (\S+)/i.exec(head)?.[1] ?? "";
      answer(socket, acceptKey(key));
      open?.(socket);
    }
    for (let read; (read = readFrame(input)) !== undefined;) {
      input = input.slice(read.size);
      if (!socket.destroyed) frame(socket, read);
    }
  });
}

function readFrame(
  bytes: Uint8Array,
): ClientFrame & { size: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes[1]! & 0x7f;
  const lengthSize = short < 126 ? 0 : short === 126 ? 2 : 8;
  const isMasked = bytes[1]! >= 0x80;
  const start = 2 + lengthSize + (isMasked ? 4 : 0);
  if (bytes.length < start) return undefined;
  const length = lengthSize === 0
    ? short
    : bytes.subarray(2, 2 + lengthSize).reduce((sum, x) => sum * 256 + x, 0);
  if (bytes.length < start + length) return undefined;
  const key = bytes.subarray(start - 4, start);
  const payload = bytes.slice(start, start + length);
  if (isMasked) payload.forEach((_, i) => payload[i]! ^= key[i & 3]!);
  return {
    opcode: bytes[0]! & 0xf,
    final: bytes[0]! >= 0x80,
    payload,
    size: start + length,
  };
}
