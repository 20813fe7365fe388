/**
 * The situations of the test suites of client libraries.
 *
 * @module
 */

import type { Suite } from "./suite.ts";

/** Suites of client libraries. */
export const CLIENT_SUITES: readonly Suite[] = [
  {
    name: "okhttp",
    sources:
      "https://github.com/square/okhttp/tree/master/okhttp/src/jvmTest/kotlin/okhttp3/internal/ws",
    rows: [
      {
        name: "refusal with a body",
        sentence: "Answers 200 and a body instead of 101.",
        path: "/do/status:200:Body",
        answer: 200,
      },
      {
        name: "408, then success",
        sentence:
          "Answers the first handshake with 408, and the next with 101.",
        path: "/do/key:okhttp/first:1:status:408/echo",
        answer: 408,
        note: "choose a key of your own",
      },
      {
        name: "wrong Connection",
        sentence: "Answers with another value of Connection.",
        path: "/do/connection:Downgrade/echo",
      },
      {
        name: "wrong Upgrade",
        sentence: "Answers with another value of Upgrade.",
        path: "/do/upgrade:Pepsi/echo",
      },
      {
        name: "missing Sec-WebSocket-Accept",
        sentence: "Answers without Sec-WebSocket-Accept.",
        path: "/fault/no-accept",
      },
      {
        name: "socket closed instead of an answer",
        sentence: "Ends TCP without an answer.",
        path: "/do/no-answer",
        answer: "none",
      },
      {
        name: "timeouts of the handshake",
        sentence: "Answers late, or not at all.",
        path: "/do/hang",
        answer: "none",
      },
      {
        name: "timeout within a frame",
        sentence: "Sends the first byte of a frame, and then nothing.",
        path: "/do/no-pong/raw:81",
      },
      {
        name: "PING without an answer",
        sentence: "Answers no PING.",
        path: "/fault/no-pong",
      },
      {
        name: "CLOSE without an answer",
        sentence: "Answers no CLOSE.",
        path: "/fault/close-not-answered",
      },
      {
        name: "unexpected extension parameter",
        sentence: "Answers with an unknown parameter of permessage-deflate.",
        path: "/fault/unknown-extension-parameter",
      },
      {
        name: "window bits out of range",
        sentence: "Answers with 7 or 16 window bits.",
        path: "/fault/window-bits-7",
      },
      {
        name: "401 again and again",
        sentence: "Refuses every handshake with 401.",
        path: "/do/status:401:Wrong%20endpoint",
        answer: 401,
      },
    ],
  },
  {
    name: "undici",
    sources: "https://github.com/nodejs/undici/tree/main/test/websocket",
    rows: [
      {
        name: "no WebSocket server",
        sentence: "Answers 200 without an upgrade.",
        path: "/do/status:200",
        answer: 200,
      },
      {
        name: "extension and subprotocol not offered",
        sentence: "Answers with what the client did not offer.",
        path: "/do/extensions:InvalidExtension/subprotocol:echo/text:a",
      },
      {
        name: "custom headers",
        sentence: "Shows the fields of the request.",
        path: "/do/info/close:1000",
      },
      {
        name: "credentials in the URL",
        sentence: "Asks for credentials.",
        path: "/do/challenge:basic:user:password/echo",
        answer: 401,
      },
      {
        name: "fragments",
        sentence: "Sends a message in fragments, with a PING among them.",
        path: "/do/frame:1:none:68656c/ping/frame:0:fin:6c6f/close:1000",
      },
      {
        name: "masked frame",
        sentence: "Sends a masked frame.",
        path: "/fault/masked-frame",
      },
      {
        name: "invalid close codes",
        sentence: "Closes with a code that may not be sent.",
        path: "/fault/close-1005",
      },
      {
        name: "limit of inflated messages",
        sentence: "Sends a small message that inflates to a large one.",
        path: "/fault/deflate-bomb",
        answer: 400,
        note: "400 without an offer of permessage-deflate",
      },
      {
        name: "RSV1 on further frames",
        sentence: "Sets RSV1 on a continuation.",
        path: "/fault/rsv1-on-continuation",
        answer: 400,
        note: "400 without an offer of permessage-deflate",
      },
      {
        name: "WebSocket on HTTP/2",
        sentence: "Accepts an extended CONNECT.",
        path: "",
        note: "the listeners speak HTTP/1.1",
      },
    ],
  },
  {
    name: "ws",
    sources: "https://github.com/websockets/ws/tree/master/test",
    rows: [
      {
        name: "redirects",
        sentence: "Redirects twice, and then accepts.",
        path: "/do/hops:2/echo",
        answer: 302,
      },
      {
        name: "too many redirects",
        sentence: "Redirects to itself.",
        path: "/do/redirect-loop",
        answer: 302,
      },
      {
        name: "unexpected response",
        sentence: "Refuses with a status and a body.",
        path: "/do/status:401:no",
        answer: 401,
      },
      {
        name: "handshakeTimeout",
        sentence: "Never answers the handshake.",
        path: "/do/hang",
        answer: "none",
      },
      {
        name: "frames after the 101",
        sentence: "Sends the 101 and a frame in one segment.",
        path: "/do/glue/text:hello/close:1000",
      },
      {
        name: "message in chunks",
        sentence: "Sends each byte by itself.",
        path: "/do/drip:1:1/text:hello/close:1000",
      },
      {
        name: "close timeout",
        sentence: "Answers no CLOSE, and leaves TCP open.",
        path: "/do/no-close/await",
      },
      {
        name: "protocol errors of the receiver",
        sentence: "Sends frames that violate RFC 6455.",
        path: "/fault/fragmented-ping",
      },
      {
        name: "maxPayload",
        sentence: "Sends a large message.",
        path: "/do/size:1048576/close:1000",
      },
      {
        name: "half-open TCP",
        sentence: "Ends its output, and continues to read.",
        path: "/fault/half-close",
      },
    ],
  },
  {
    name: "dart",
    sources:
      "https://github.com/dart-lang/sdk/blob/main/tests/standalone/io/web_socket_test.dart",
    rows: [
      {
        name: "the client closes",
        sentence: "Echoes, and answers the CLOSE with the same code.",
        path: "/ws",
      },
      {
        name: "the server closes after messages",
        sentence: "Sends a message, echoes nine, and closes with 3002.",
        path: "/do/text:Hello/echo:9/close:3002:Got%20tired",
      },
      {
        name: "close without a code",
        sentence: "Sends an empty CLOSE.",
        path: "/do/text:Hello/echo:9/close",
      },
      {
        name: "message lengths",
        sentence: "Echoes messages around the limits of the length field.",
        path: "/ws",
      },
      {
        name: "no upgrade",
        sentence: "Answers 404.",
        path: "/do/status:404",
        answer: 404,
      },
      {
        name: "short reads and writes",
        sentence: "Writes in small segments, and reads slowly.",
        path: "/do/drip:3:1/slow-read:1000/echo",
      },
    ],
  },
  {
    name: "gorilla",
    sources: "https://github.com/gorilla/websocket",
    rows: [
      {
        name: "cookie and subprotocol",
        sentence: "Sets a cookie, chooses a subprotocol, and echoes a message.",
        path:
          "/do/field:Set-Cookie:sessionID=1234/subprotocol:first/echo:1/close:1000",
      },
      {
        name: "extra tokens",
        sentence: "Answers with several tokens in Upgrade and Connection.",
        path:
          "/do/upgrade:foo,%20websocket/connection:upgrade,%20keep-alive/echo",
      },
      {
        name: "bad handshake with a body",
        sentence: "Refuses with a body.",
        path: "/do/status:403:bad",
        answer: 403,
      },
      {
        name: "handshake timeout",
        sentence: "Never answers the handshake.",
        path: "/do/hang",
        answer: "none",
      },
      {
        name: "end of input within a frame",
        sentence: "Ends TCP in the middle of a frame.",
        path: "/fault/cut-frame",
      },
      {
        name: "read limit",
        sentence: "Announces a frame of 2^62 bytes.",
        path: "/fault/length-2-62",
      },
      {
        name: "control frame within a message",
        sentence: "Sends a PING between two fragments.",
        path: "/do/frame:1:none:68656c/ping/frame:0:fin:6c6f/close:1000",
      },
      {
        name: "proxies",
        sentence: "Accepts a CONNECT and forwards the bytes.",
        path: "",
        note: "the service is no proxy",
      },
    ],
  },
  {
    name: "dotnet",
    sources:
      "https://github.com/dotnet/runtime/tree/main/src/libraries/Common/tests/System/Net/Prerequisites/NetCoreServer/Handlers",
    rows: [
      {
        name: "EchoWebSocket",
        sentence: "Echoes, and follows commands in messages.",
        path: "/do/say-goodbye",
      },
      {
        name: "EchoWebSocket?delay10sec",
        sentence: "Answers the handshake ten seconds later.",
        path: "/do/late:10000/say-goodbye",
        answer: "none",
      },
      {
        name: "EchoWebSocket?subprotocol=NAME",
        sentence: "Answers with this subprotocol.",
        path: "/do/subprotocol:MyProtocol/say-goodbye",
      },
      {
        name: ".shutdownAfterTwoMessages",
        sentence: "Sends two messages two seconds apart, and closes.",
        path: "/do/await:1/text:one/wait:1990/text:two/close:1000",
      },
      {
        name: "EchoWebSocket?replyWithPartialMessages",
        sentence: "Answers with frames that do not end the message.",
        path: "/do/await:1/frame:1:none:68656c6c6f/await",
        note: "the payload is in the path; it is no echo",
      },
      {
        name: "EchoWebSocket?replyWithEnhancedCloseMessage",
        sentence: "Answers a CLOSE with its code in the reason.",
        path: "",
        note: "no step writes what the client's CLOSE has",
      },
      {
        name: "EchoWebSocketHeaders",
        sentence: "Sends the fields of the request.",
        path: "/do/info/say-goodbye",
      },
      {
        name: "CLOSE of both sides",
        sentence: "Closes at the same time as the client.",
        path: "/fault/crossing-closes",
      },
    ],
  },
  {
    name: "Espressif",
    sources:
      "https://github.com/espressif/esp-protocols/tree/master/components/esp_websocket_client/examples",
    rows: [
      {
        name: "echo and PONG",
        sentence: "Echoes, and answers PING.",
        path: "/ws",
      },
      {
        name: "long message",
        sentence: "Sends 2000 bytes, more than the client's buffer.",
        path: "/do/size:2000/size:2000/size:2000/echo",
      },
      {
        name: "JSON",
        sentence: "Sends a text in JSON.",
        path: "/do/text:%5B%7B%22id%22:%221%22%7D%5D/echo",
      },
      {
        name: "fragmented text",
        sentence: "Sends a text in two frames.",
        path: `/do/fragments:2:${"a".repeat(32)}${"b".repeat(32)}/echo`,
      },
      {
        name: "fragmented binary",
        sentence: "Sends a binary message in two frames.",
        path: "/do/frame:2:none:0000000000/frame:0:fin:0101010101/echo",
      },
      {
        name: "clean close",
        sentence: "Closes with a code.",
        path: "/do/await:5/close:1000",
      },
      {
        name: "reconnection",
        sentence: "Is away for ten seconds after the first connection.",
        path: "/do/key:esp/down:10000/close:1001",
        note: "choose a key of your own",
      },
    ],
  },
];
