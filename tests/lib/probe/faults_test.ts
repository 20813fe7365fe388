import { assertEquals, assertMatch } from "@std/assert";
import { testWith } from "../../permissions.ts";
import {
  type Behaviour,
  echo,
  serverFrame,
  switchProtocols,
} from "./faulty_server.ts";
import { NET, probeOne } from "./probing.ts";

/** Faults of a server, and the step, message and source that report each. */
const FAULTS: readonly [
  fault: string,
  behaviour: Behaviour,
  step: string,
  seen: RegExp,
  source: string,
][] = [
  [
    "a wrong accept key",
    { answer: (socket) => switchProtocols(socket, "wrong") },
    "handshake",
    /^101, but Sec-WebSocket-Accept is "wrong", not \S{28}$/,
    "RFC 6455 §4.2.2",
  ],
  [
    "a subprotocol that was not offered",
    {
      answer: (socket, accept) =>
        switchProtocols(socket, accept, ["Sec-WebSocket-Protocol: mqtt"]),
    },
    "handshake",
    /^101, but the subprotocol "mqtt" was not offered$/,
    "RFC 6455 §4.1",
  ],
  [
    "an extension that was not offered",
    {
      answer: (socket, accept) =>
        switchProtocols(socket, accept, ["Sec-WebSocket-Extensions: x-y"]),
    },
    "handshake",
    /^101, but the extension "x-y" was not offered$/,
    "RFC 6455 §9.1",
  ],
  [
    "a refusal with 401",
    {
      answer: (socket) =>
        socket.write(
          "HTTP/1.1 401 Unauthorized\r\nContent-Length: 11\r\n\r\nno\x1b[2Jtoken\n",
        ),
    },
    "handshake",
    /^refused with 401 Unauthorized: "no\\u001b\[2Jtoken"$/,
    "RFC 6455 §4.1",
  ],
  [
    "a redirection",
    {
      answer: (socket) =>
        socket.write("HTTP/1.1 302 Found\r\nLocation: wss://b/\r\n\r\n"),
    },
    "handshake",
    /^refused with 302 Found to "wss:\/\/b\/"$/,
    "RFC 6455 §4.1",
  ],
  [
    "another protocol",
    { connected: (socket) => socket.write("SSH-2.0-OpenSSH_9.2\r\n") },
    "handshake",
    /^the answer is not HTTP: "SSH-2\.0-OpenSSH_9\.2"$/,
    "RFC 6455 §4.1",
  ],
  [
    "an end without an answer",
    { answer: (socket) => socket.end() },
    "handshake",
    /^the server ended the connection without an answer$/,
    "RFC 6455 §4.1",
  ],
  [
    "an end inside the answer",
    { answer: (socket) => socket.end("HTTP/1.1 101 ") },
    "handshake",
    /^the server ended the connection after 13 bytes of an answer$/,
    "RFC 6455 §4.1",
  ],
  [
    "a reset instead of an answer",
    { answer: (socket) => socket.resetAndDestroy() },
    "handshake",
    /^the server reset the connection without an answer$/,
    "RFC 6455 §4.1",
  ],
  [
    "a reset at once",
    { connected: (socket) => socket.resetAndDestroy() },
    "handshake",
    /^(the server reset the connection without an answer|connection reset by 127\.0\.0\.1:\d+)$/,
    "RFC 6455 §4.1",
  ],
  [
    "masked frames",
    { frame: (socket) => socket.write(Uint8Array.of(0x81, 0x80, 1, 2, 3, 4)) },
    "text",
    /^the server sent a masked frame$/,
    "RFC 6455 §5.1",
  ],
  [
    "garbage",
    { open: (socket) => socket.write(new Uint8Array(64).fill(0xff)) },
    "text",
    /^the server sent a reserved bit/,
    "RFC 6455 §5.2",
  ],
  [
    "a wrong byte",
    {
      frame(socket, frame) {
        frame.payload[3]! ^= 1;
        echo(socket, frame);
      },
    },
    "binary",
    /^byte 3 came back as 0x02, not 0x03$/,
    "RFC 6455 §5.6",
  ],
  [
    "text as binary",
    {
      frame: (socket, { payload }) => socket.write(serverFrame(0x82, payload)),
    },
    "text",
    /^TEXT came back as BINARY$/,
    "RFC 6455 §5.6",
  ],
  [
    "text that is not UTF-8",
    { frame: (socket) => socket.write(serverFrame(0x81, Uint8Array.of(0xff))) },
    "text",
    /^the server sent a text that is not UTF-8$/,
    "RFC 6455 §8.1",
  ],
  [
    "another text instead of the echo",
    { frame: (socket) => socket.write(serverFrame(0x81, "Who are you?")) },
    "text",
    /^the text "Who are you\?" came instead$/,
    "RFC 6455 §5.6",
  ],
  [
    "only the first fragment",
    {
      frame: (socket, { opcode, payload }) => {
        if (opcode === 0x1) socket.write(serverFrame(0x81, payload));
      },
    },
    "fragmented",
    /^the text "The " came instead$/,
    "RFC 6455 §5.4",
  ],
  [
    "a limit below 1 MiB",
    {
      frame: (socket) =>
        socket.end(serverFrame(0x88, Uint8Array.of(0x03, 0xf1, 0x6e, 0x6f))),
    },
    "large",
    /^the server closed with CLOSE 1009 "no"$/,
    "RFC 6455 §5.2",
  ],
  [
    "a reset in the middle of a message",
    {
      frame: (socket, { payload }) =>
        socket.write(
          serverFrame(0x82, payload).subarray(0, 1000),
          () => socket.resetAndDestroy(),
        ),
    },
    "large",
    /^the server reset the TCP connection without a CLOSE/,
    "RFC 6455 §5.2",
  ],
  [
    "an end in the middle of a message",
    {
      frame: (socket, { payload }) =>
        socket.end(serverFrame(0x82, payload).subarray(0, 100)),
    },
    "binary",
    /^the server ended the TCP connection without a CLOSE, in the middle of a frame$/,
    "RFC 6455 §5.6",
  ],
  [
    "another payload in the PONG",
    { frame: (socket) => socket.write(serverFrame(0x8a, "other")) },
    "ping",
    /^PONG with another payload: 5 bytes, "other"$/,
    "RFC 6455 §5.5.3",
  ],
  [
    "an echo of text that is not UTF-8",
    {},
    "utf8",
    /^the server sent a text that is not UTF-8$/,
    "RFC 6455 §8.1",
  ],
  [
    "an echo of an unmasked frame",
    {},
    "unmasked",
    /^the text "unmasked" came instead$/,
    "RFC 6455 §5.1",
  ],
  [
    "an end where a CLOSE is due",
    { frame: (socket) => socket.end() },
    "unmasked",
    /^the server ended the TCP connection without a CLOSE$/,
    "RFC 6455 §5.1",
  ],
  [
    "another close code",
    {
      frame: (socket) => socket.end(serverFrame(0x88, Uint8Array.of(3, 0xe9))),
    },
    "close-3000",
    /^answered with CLOSE 1001$/,
    "RFC 6455 §5.5.1",
  ],
  [
    "an illegal close code, passed back",
    {},
    "close-illegal",
    /^the server sent a CLOSE with the code 1005, which may not be sent$/,
    "RFC 6455 §7.4",
  ],
  [
    "a TCP connection that stays open after the CLOSE",
    {
      frame: (socket, { payload }) => socket.write(serverFrame(0x88, payload)),
    },
    "close-1000",
    /^answered with CLOSE 1000 "bye", but the TCP connection stays open$/,
    "RFC 6455 §5.5.1",
  ],
  [
    "data after the CLOSE",
    {
      frame: (socket, { payload }) => {
        socket.write(serverFrame(0x88, payload));
        socket.end(serverFrame(0x81, "more"));
      },
    },
    "close-1000",
    /^answered with CLOSE 1000 "bye", but the text "more" follows the CLOSE$/,
    "RFC 6455 §5.5.1",
  ],
  [
    "data that is not compressed",
    {
      answer: (socket, accept) =>
        switchProtocols(socket, accept, [
          "Sec-WebSocket-Extensions: permessage-deflate",
        ]),
      frame: (socket) =>
        socket.write(serverFrame(0xc1, Uint8Array.of(0xff, 0xff))),
    },
    "deflate",
    /^the echo cannot be inflated$/,
    "RFC 7692 §6",
  ],
];

for (const [fault, behaviour, step, seen, source] of FAULTS) {
  testWith(NET, `run() reports ${fault}`, async () => {
    const result = await probeOne(behaviour, step);
    assertEquals([result.name, result.outcome], [step, "fail"], result.seen);
    assertMatch(result.seen, seen);
    assertEquals(result.source, source);
  });
}
