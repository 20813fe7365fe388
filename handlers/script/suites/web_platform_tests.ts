/**
 * The handlers of web-platform-tests.
 *
 * @module
 */

import type { Suite } from "./suite.ts";

/** 16 messages of 1 MiB: a step sends at most 16 MiB, `burst` at most 64 KiB a message. */
const LARGE = "binary:1048576:20/".repeat(16);

/** Sets the four cookies of `set-cookies-samesite`. */
function sameSiteCookies(value: string, rest = ""): string {
  const cookies = [
    ["unspecified", ""],
    ["lax", ";%20SameSite=Lax"],
    ["strict", ";%20SameSite=Strict"],
    ["none", ";%20SameSite=None;%20Secure"],
  ].map(([name, sameSite]) =>
    `field:Set-Cookie:samesite-${name}=${value};%20Path=%2F${sameSite}${rest}`
  );
  return `/do/${cookies.join("/")}/await:1/close:1000`;
}

/** `websockets/handlers`, without the suffix `_wsh.py`. */
export const WEB_PLATFORM_TESTS: Suite = {
  name: "web-platform-tests",
  sources:
    "https://github.com/web-platform-tests/wpt/tree/master/websockets/handlers",
  rows: [
    {
      name: "basic_auth",
      sentence: "Asks for the user foo and the password bar.",
      path: "/do/challenge:basic:foo:bar/close:1000",
      answer: 401,
    },
    {
      name: "delayed-passive-close",
      sentence: "Answers the client's CLOSE a second later.",
      path: "/do/late-close:1000/await",
    },
    {
      name: "echo",
      sentence:
        "Echoes, chooses a subprotocol, and closes after the message Goodbye.",
      path: "/do/subprotocol:first/say-goodbye",
      note: "chooses the first subprotocol, not echo",
    },
    {
      name: "echo-cookie",
      sentence: "Sends the request's cookies, or (none).",
      path: "/do/show-field:cookie:(none)/close:1000",
      note: "pages of another host need ALLOWED_ORIGINS",
    },
    {
      name: "echo-query",
      sentence: "Sends the query.",
      path: "/do/show-query/close:1000?a=b",
      template: "/do/show-query/close:1000?{+query}",
    },
    {
      name: "echo-query_v13",
      sentence: "Sends the query.",
      path: "/do/show-query/close:1000?a=b",
      template: "/do/show-query/close:1000?{+query}",
    },
    {
      name: "echo_close_data",
      sentence: "Reads up to the message Goodbye, and closes.",
      path: "/do/await:1/close:1000",
      note: "closes after any message",
    },
    {
      name: "echo_exit",
      sentence: "Reads up to the message Goodbye, and closes.",
      path: "/do/await:1/close:1000",
      note: "closes after any message",
    },
    {
      name: "echo_raw",
      sentence: "Sends each message as bytes without a frame.",
      path: "/do/echo-raw",
    },
    {
      name: "empty-message",
      sentence: "Tells whether the first message is an empty text.",
      path: "/do/expect:/close:1000",
    },
    {
      name: "handshake_no_extensions",
      sentence: "Accepts no extension.",
      path: "/do/compression:off/close:1000",
    },
    {
      name: "handshake_no_protocol",
      sentence: "Chooses no subprotocol.",
      path: "/do/subprotocol:none/close:1000",
    },
    {
      name: "handshake_protocol",
      sentence: "Chooses the subprotocol foobar.",
      path: "/do/subprotocol:foobar/close:1000",
    },
    {
      name: "handshake_sleep_2",
      sentence: "Answers the handshake two seconds later.",
      path: "/do/late:2000/close:1000",
      answer: "none",
    },
    {
      name: "invalid",
      sentence: "Sends a line that is no status line before the answer.",
      path: "/do/junk:464f4f204241522042415a0d0a0d0a/close:1000",
      answer: "junk",
    },
    {
      name: "msg_channel",
      sentence: "Relays messages of writers to one reader.",
      path: "/channel?uuid=example&direction=read",
      template: "/channel?{+query}",
    },
    {
      name: "origin",
      sentence: "Sends the request's Origin.",
      path: "/do/show-field:origin/close:1000",
    },
    {
      name: "passive-close-abort",
      sentence: "Ends TCP when the client's CLOSE comes.",
      path: "/do/cut-on-close/await",
    },
    {
      name: "protocol",
      sentence: "Chooses all offered subprotocols, and sends them.",
      path:
        "/do/subprotocol:mirror/show-field:sec-websocket-protocol/close:1000",
    },
    {
      name: "protocol_array",
      sentence: "Chooses the first subprotocol, and sends it.",
      path: "/do/subprotocol:first/show-subprotocol/close:1000",
    },
    {
      name: "receive-backpressure",
      sentence: "Reads nothing for two seconds.",
      path: "/do/compression:off/stall:2000/await:1/close:1000",
    },
    {
      name: "receive-many-with-backpressure",
      sentence: "Reads a message every 100 ms, and answers with its length.",
      path: "/do/compression:off/stall:100/echo-length:100",
    },
    {
      name: "referrer",
      sentence: "Sends the request's Referer, or a text.",
      path: "/do/show-field:referer:MISSING%20AS%20PER%20FETCH/close:1000",
    },
    {
      name: "remote-close",
      sentence: "Closes without a code.",
      path: "/do/close",
    },
    {
      name: "remote-close?code",
      sentence: "Closes with a code.",
      path: "/do/close:1000",
      template: "/do/close:{code}",
    },
    {
      name: "remote-close?code&reason",
      sentence: "Closes with a code and a reason.",
      path: "/do/close:1000:Done",
      template: "/do/close:{code}:{reason}",
    },
    {
      name: "remote-close?abrupt",
      sentence: "Sends a PING, and ends TCP without a CLOSE.",
      path: "/do/ping:ping/abort",
    },
    {
      name: "send-backpressure",
      sentence: "Sends 16 messages of 1 MiB, and the seconds that this took.",
      path: `/do/compression:off/binary:0:00/${LARGE}show-time/close:1000`,
    },
    {
      name: "set-co-policies",
      sentence: "Reads a message, and closes.",
      path: "/do/await:1/close:1000",
    },
    {
      name: "set-co-policies?coep",
      sentence: "Sends a Cross-Origin-Embedder-Policy in the answer.",
      path:
        "/do/field:Cross-Origin-Embedder-Policy:require-corp/await:1/close:1000",
      template:
        "/do/field:Cross-Origin-Embedder-Policy:{coep}/await:1/close:1000",
    },
    {
      name: "set-co-policies?corp",
      sentence: "Sends a Cross-Origin-Resource-Policy in the answer.",
      path:
        "/do/field:Cross-Origin-Resource-Policy:same-origin/await:1/close:1000",
      template:
        "/do/field:Cross-Origin-Resource-Policy:{corp}/await:1/close:1000",
    },
    {
      name: "set-co-policies?coep&corp",
      sentence: "Sends both policies in the answer.",
      path:
        "/do/field:Cross-Origin-Embedder-Policy:require-corp/field:Cross-Origin-Resource-Policy:same-origin/await:1/close:1000",
      template:
        "/do/field:Cross-Origin-Embedder-Policy:{coep}/field:Cross-Origin-Resource-Policy:{corp}/await:1/close:1000",
    },
    {
      name: "set-cookie",
      sentence: "Sets a cookie.",
      path:
        "/do/field:Set-Cookie:ws_test_a=test;%20Path=%2F/await:1/close:1000",
      template:
        "/do/field:Set-Cookie:ws_test_{query}=test;%20Path=%2F/await:1/close:1000",
    },
    {
      name: "set-cookie-secure",
      sentence: "Sets a secure cookie.",
      path:
        "/do/field:Set-Cookie:ws_test_a=test;%20Secure;%20Path=%2F/await:1/close:1000",
      template:
        "/do/field:Set-Cookie:ws_test_{query}=test;%20Secure;%20Path=%2F/await:1/close:1000",
    },
    {
      name: "set-cookie_http",
      sentence: "Sets a cookie that scripts cannot read.",
      path:
        "/do/field:Set-Cookie:ws_test_a=test;%20Path=%2F;%20HttpOnly/await:1/close:1000",
      template:
        "/do/field:Set-Cookie:ws_test_{query}=test;%20Path=%2F;%20HttpOnly/await:1/close:1000",
    },
    {
      name: "set-cookies-samesite",
      sentence: "Sets a cookie of each SameSite value.",
      path: sameSiteCookies("1"),
    },
    {
      name: "set-cookies-samesite?value",
      sentence: "Sets these cookies to a value.",
      path: sameSiteCookies("2"),
      template: sameSiteCookies("{value}"),
    },
    {
      name: "set-cookies-samesite?clear",
      sentence: "Removes these cookies.",
      path: sameSiteCookies("1", ";%20Max-Age=0"),
    },
    {
      name: "simple_handshake",
      sentence: "Sends the 101, a cookie and a CLOSE in one segment.",
      path: "/do/glue/field:Set-Cookie:ws_test=test/close:1001:PASS",
    },
    {
      name: "sleep_10_v13",
      sentence: "Answers the handshake ten seconds later, and echoes.",
      path: "/do/late:10000/say-goodbye",
      answer: "none",
    },
    {
      name: "stash_responder",
      sentence: "Puts and takes values by its query.",
      path: "/stash?action=take&key=example",
      template: "/stash?{+query}",
    },
    {
      name: "stash_responder_blocking",
      sentence: "Sets values, and gets them when there are some.",
      path: "/stash",
    },
    {
      name: "wrong_accept_key",
      sentence: "Sends a wrong Sec-WebSocket-Accept.",
      path: "/do/accept:wrong/text:test",
    },
  ],
};
