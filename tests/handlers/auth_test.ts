import { assert, assertEquals, assertFalse } from "@std/assert";
import { auth } from "../../handlers/auth.ts";
import { FakeConnection, FakeFrame, sent } from "../../lib/testing/mod.ts";
import { HANDSHAKE_INFO, LogCapture } from "./fakes.ts";

const TOKEN = "s3cret-Token";

/** Runs a handshake and returns its refusal, if any. */
async function answer(
  query: string,
  headers: Record<string, string> = {},
  token = TOKEN,
): Promise<Response | undefined> {
  const request = new Request(`http://localhost:8000/auth${query}`, {
    headers,
  });
  const result = await auth(token).handshake!(request, HANDSHAKE_INFO);
  if (result instanceof Response) return result;
  if (result) throw new Error("the handshake returned extras");
  return undefined;
}

type Attempt = readonly [query: string, authorization?: string];

const RIGHT: readonly Attempt[] = [
  [`?token=${TOKEN}`],
  [`?a=1&token=${TOKEN}&b=2`],
  ["?token=s3cret%2DToken"],
  ["", `Bearer ${TOKEN}`],
  ["", `bearer ${TOKEN}`],
  ["", `Bearer   ${TOKEN}  `],
];

/** Several tokens, or a malformed one (RFC 6750 §3.1). */
const INVALID: readonly Attempt[] = [
  [`?token=wrong&token=${TOKEN}`],
  [`?token=${TOKEN}&token=${TOKEN}`],
  [`?token=${TOKEN}&to%6Ben=`],
  ["?token=wrong", `Bearer ${TOKEN}`],
  [`?token=${TOKEN}`, `Bearer ${TOKEN}`],
  [`?token=${TOKEN}`, "Basic dTpw"],
  ["", `Bearer ${TOKEN}, Bearer ${TOKEN}`],
  ["", "Bearer"],
  ["", `Bearer ${TOKEN} x`],
  ["", `Bearer x ${TOKEN}`],
];

const WRONG: readonly Attempt[] = [
  [""],
  ["?token"],
  ["?token="],
  ["?token=wrong"],
  ["?token=S3CRET-TOKEN"],
  [`?token=${TOKEN}x`],
  [`?token=${TOKEN}%20`],
  [`?token=${TOKEN}%00`],
  [`?Token=${TOKEN}`],
  [`?${TOKEN}`],
  [`?x=token=${TOKEN}`],
  [`#token=${TOKEN}`],
  ["", "Bearer wrong"],
  ["", `Bearer${TOKEN}`],
  ["", `Basic ${TOKEN}`],
  ["", TOKEN],
  ["", `x Bearer ${TOKEN}`],
];

function nameOf([query, authorization]: Attempt): string {
  return authorization === undefined
    ? `"${query}"`
    : `"${query}" with Authorization: ${authorization}`;
}

function fieldsOf([, authorization]: Attempt): Record<string, string> {
  return authorization === undefined ? {} : { authorization };
}

for (const attempt of RIGHT) {
  Deno.test(`auth().handshake() accepts ${nameOf(attempt)}`, async () => {
    assertEquals(await answer(attempt[0], fieldsOf(attempt)), undefined);
  });
}

for (const attempt of WRONG) {
  Deno.test(`auth().handshake() refuses ${nameOf(attempt)} with 401`, async () => {
    const response = await answer(attempt[0], fieldsOf(attempt));
    assertEquals(response?.status, 401);
  });
}

for (const attempt of INVALID) {
  Deno.test(`auth().handshake() refuses ${nameOf(attempt)} with 400`, async () => {
    const response = await answer(attempt[0], fieldsOf(attempt));
    assertEquals(response?.status, 400);
    assertEquals(
      response?.headers.get("www-authenticate"),
      'Bearer realm="ws-echo-server", error="invalid_request"',
    );
  });
}

Deno.test("auth().handshake() decodes the token in the query", async () => {
  assertEquals(await answer("?token=a%2Bb%26c", {}, "a+b&c"), undefined);
});

Deno.test("auth().handshake() describes the required token in a 401", async () => {
  const without = await answer("");
  assertEquals(
    without?.headers.get("www-authenticate"),
    'Bearer realm="ws-echo-server"',
  );
  const response = await answer("?token=wrong");
  assertEquals(
    response?.headers.get("www-authenticate"),
    'Bearer realm="ws-echo-server", error="invalid_token"',
  );
  assertEquals(
    await response?.text(),
    "This path needs a token: connect with ?token=… or Authorization: Bearer ….\n",
  );
});

Deno.test("auth().handshake() refuses with JSON when Accept prefers it", async () => {
  const response = await answer("", { accept: "application/json" });
  assertEquals((await response?.json()).status, 401);
});

Deno.test("auth().handshake() never writes a token into a 401", async () => {
  for (
    const response of [
      await answer("?token=guess"),
      await answer("", { authorization: "Bearer other" }),
      await answer("?token=guess", { authorization: "Bearer other" }),
    ]
  ) {
    const written = JSON.stringify([
      await response?.text(),
      ...response!.headers,
    ]);
    for (const secret of [TOKEN, "guess", "other"]) {
      assertFalse(written.includes(secret), written);
    }
  }
});

Deno.test("auth().handshake() logs an accepted token", async () => {
  using log = new LogCapture("INFO");
  await answer(`?token=${TOKEN}`);
  assertEquals(log.lines, [
    "INFO ws_echo_server: === ws_pre_handshake_cb called ===",
    "INFO ws_echo_server: Valid token found, accepting handshake",
  ]);
});

Deno.test("auth().handshake() logs a rejected token", async () => {
  using log = new LogCapture("INFO");
  await answer("?token=wrong");
  assertEquals(log.lines, [
    "INFO ws_echo_server: === ws_pre_handshake_cb called ===",
    "WARN ws_echo_server: No valid token found, rejecting handshake",
  ]);
});

Deno.test("auth().handshake() never logs a secret, not even at DEBUG", async () => {
  using log = new LogCapture("DEBUG");
  await answer(`?token=${TOKEN}&key=inquery`, {
    authorization: "Bearer inheader",
    cookie: "session=incookie",
  });
  await answer("?token=guessed", { authorization: "Bearer inheader" });
  assertEquals(log.lines.length, 4);
  const written = log.lines.join("\n");
  for (
    const secret of [TOKEN, "inquery", "inheader", "incookie", "guessed", "?"]
  ) {
    assertFalse(written.includes(secret), written);
  }
});

Deno.test("auth().open() sends the welcome message", () => {
  const connection = new FakeConnection({ listener: "edge" });
  auth(TOKEN).open!(connection);
  assertEquals(connection.sent, [
    sent("text", "Welcome to the WebSocket Echo Server (post-handshake)!"),
  ]);
});

for (
  const [opcode, payload] of [
    ["text", "hello"],
    ["text", ""],
    ["binary", "\0\xff"],
  ] as const
) {
  Deno.test(`auth().frame() sends ${opcode} ${JSON.stringify(payload)} back`, () => {
    const connection = new FakeConnection({ listener: "edge" });
    auth(TOKEN).frame(connection, new FakeFrame(opcode, payload));
    assertEquals(connection.sent, [sent(opcode, payload)]);
  });
}

Deno.test("auth().frame() logs the packet as DEBUG", () => {
  using log = new LogCapture("DEBUG");
  auth(TOKEN).frame(
    new FakeConnection({ listener: "edge" }),
    new FakeFrame("text", "hello"),
  );
  assert(
    log.lines.includes(
      "DEBUG ws_echo_server: Got packet with message: hello",
    ),
  );
});

Deno.test("auth().frame() logs nothing when DEBUG is off", () => {
  using log = new LogCapture("INFO");
  auth(TOKEN).frame(
    new FakeConnection({ listener: "edge" }),
    new FakeFrame("text", "hello"),
  );
  assertEquals(log.lines, []);
});
