import { assertEquals } from "@std/assert";
import { rejection } from "../../../../handlers/script/handshake/rejection.ts";

const URL_ = "http://localhost:8000/ws?reject=STATUS&hello=a+b";

/** Makes the response to a handshake with reject. */
function rejected(status: number, headers: HeadersInit = {}): Response {
  const url = URL_.replace("STATUS", String(status));
  return rejection(new Request(url, { headers }), status);
}

Deno.test("rejection() has the requested status, from 200 to 599", async () => {
  for (let status = 200; status <= 599; status++) {
    const response = rejected(status);
    assertEquals(response.status, status);
    const body = await response.text();
    assertEquals(
      body.includes(String(status)),
      ![204, 205, 304].includes(status),
    );
  }
});

for (
  const [status, name, value] of [
    [200, "location", null],
    [302, "location", null],
    [401, "www-authenticate", 'Bearer realm="ws-echo-server"'],
    [405, "allow", "GET"],
    [407, "proxy-authenticate", 'Basic realm="ws-echo-server"'],
    [426, "upgrade", "websocket"],
    [429, "retry-after", "5"],
    [503, "retry-after", "5"],
    [503, "cache-control", "no-store"],
  ] as const
) {
  Deno.test(`rejection() with ${status} has ${name}: ${value}`, () => {
    assertEquals(rejected(status).headers.get(name), value);
  });
}

Deno.test("rejection() is JSON when Accept prefers it", async () => {
  const response = rejected(503, { accept: "application/json" });
  assertEquals(await response.json(), {
    status: 503,
    error: "Service Unavailable",
    message: "The request asks for a refusal with 503.",
  });
});
