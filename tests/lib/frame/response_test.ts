import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  closingResponse,
  switchingProtocols,
} from "../../../lib/frame/response.ts";

function text(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

/** A closing response as text, without its date and the security fields. */
async function refusalText(
  response: Response,
  method = "GET",
): Promise<string> {
  return text(await closingResponse(response, method)).replace(
    /date: .+\r\n/,
    "",
  )
    .replace(SECURITY_FIELD, "");
}

const SECURITY_FIELD =
  /(?:content-security-policy|cross-origin-resource-policy|referrer-policy|x-content-type-options): .+\r\n/g;

Deno.test("closingResponse() has the security fields", async () => {
  const refused = text(await closingResponse(new Response("No."), "GET"));
  assertEquals(refused.match(SECURITY_FIELD)?.length, 4);
});

Deno.test("switchingProtocols() writes the four lines of RFC 6455 §4.2.2", () => {
  assertEquals(
    text(switchingProtocols("proof=", "", "", undefined)),
    "HTTP/1.1 101 Switching Protocols\r\n" +
      "Upgrade: websocket\r\n" +
      "Connection: Upgrade\r\n" +
      "Sec-WebSocket-Accept: proof=\r\n\r\n",
  );
});

Deno.test("switchingProtocols() names the chosen subprotocol", () => {
  assertMatch(
    text(switchingProtocols("proof=", "echo", "", undefined)),
    /\r\nSec-WebSocket-Protocol: echo\r\n\r\n$/,
  );
});

Deno.test("switchingProtocols() adds the handler's fields, repeated ones included", () => {
  assertMatch(
    text(switchingProtocols("proof=", "echo", "", [
      ["Set-Cookie", "a=1"],
      ["X-Name", "value"],
      ["Set-Cookie", "b=2"],
    ])),
    /: echo\r\nset-cookie: a=1\r\nset-cookie: b=2\r\nx-name: value\r\n\r\n$/,
  );
});

Deno.test("switchingProtocols() leaves the bytes of earlier responses unchanged", () => {
  const responses = Array.from(
    { length: 300 },
    (_, i) => switchingProtocols(`proof${i}=`, "", "", { a: "b".repeat(i) }),
  );
  for (const [i, bytes] of responses.entries()) {
    assertMatch(text(bytes), new RegExp(`: proof${i}=\r\na: b{${i}}\r\n\r\n$`));
  }
});

Deno.test("switchingProtocols() writes field values as Latin-1", () => {
  assertMatch(
    text(switchingProtocols("proof=", "", "", { "x-name": "caf\xe9" })),
    /\r\nx-name: caf\xe9\r\n\r\n$/,
  );
});

Deno.test("switchingProtocols() throws for a field value with a line break", () => {
  assertThrows(
    () => switchingProtocols("proof=", "", "", { "x-name": "a\r\nx-evil: b" }),
    TypeError,
  );
});

Deno.test("closingResponse() writes status line, fields and body", async () => {
  const response = new Response("No.\n", {
    status: 404,
    headers: { "content-type": "text/plain", "x-name": "value" },
  });
  assertEquals(
    await refusalText(response),
    "HTTP/1.1 404 Not Found\r\n" +
      "connection: close\r\n" +
      "content-length: 4\r\n" +
      "content-type: text/plain\r\n" +
      "x-name: value\r\n\r\n" +
      "No.\n",
  );
});

Deno.test("closingResponse() has a Date", async () => {
  const [, date = ""] = /\r\ndate: (.+)\r\n/.exec(
    text(await closingResponse(new Response(), "GET")),
  ) ?? [];
  assertEquals(new Date(date).toUTCString(), date);
});

Deno.test("closingResponse() keeps the response's own reason phrase", async () => {
  const response = new Response(null, {
    status: 418,
    statusText: "Short and stout",
  });
  assertMatch(
    await refusalText(response),
    /^HTTP\/1\.1 418 Short and stout\r\n/,
  );
});

Deno.test("closingResponse() leaves the reason phrase of an unknown status empty", async () => {
  const response = new Response(null, { status: 499 });
  assertMatch(await refusalText(response), /^HTTP\/1\.1 499 \r\n/);
});

Deno.test("closingResponse() adds close to the Connection field", async () => {
  const response = new Response(null, {
    status: 426,
    headers: { connection: "Upgrade", upgrade: "websocket" },
  });
  assertEquals(
    await refusalText(response),
    "HTTP/1.1 426 Upgrade Required\r\n" +
      "connection: Upgrade, close\r\n" +
      "content-length: 0\r\n" +
      "upgrade: websocket\r\n\r\n",
  );
});

Deno.test("closingResponse() counts bytes, and writes binary bodies", async () => {
  const body = Uint8Array.of(0, 255, 128, 13, 10);
  const written = await closingResponse(
    new Response(body, { status: 400 }),
    "GET",
  );
  assertMatch(text(written), /\r\ncontent-length: 5\r\n/);
  assertEquals(written.subarray(-5), body);
});

Deno.test("closingResponse() has no body for HEAD", async () => {
  const response = new Response("No.\n", { status: 404 });
  assertMatch(
    await refusalText(response, "HEAD"),
    /\r\ncontent-length: 4\r\n(.+\r\n)*\r\n$/,
  );
});

for (const status of [204, 304]) {
  Deno.test(`closingResponse() gives a ${status} no length (RFC 9110 §8.6)`, async () => {
    const written = await refusalText(new Response(null, { status }));
    assertEquals(written.includes("content-length"), false);
  });
}
