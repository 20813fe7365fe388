import { assertEquals } from "@std/assert";
import {
  httpErrorResponse,
  retryLater,
} from "../../../lib/protocol/http_error.ts";

const NOT_FOUND = { status: 404, message: "There is nothing here." };

function request(accept?: string): { headers: Headers } {
  return { headers: new Headers(accept === undefined ? {} : { accept }) };
}

for (
  const accept of [
    undefined,
    "",
    "*/*",
    "text/plain",
    "text/*",
    "text/html",
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "text/plain, application/json",
    "text/plain, application/json;q=0.9",
    "application/json;q=0.5, text/plain",
    "application/json;q=0",
    "image/png",
    "nonsense",
    ";;;,,,",
  ]
) {
  Deno.test(`httpErrorResponse() returns text for Accept ${JSON.stringify(accept)}`, async () => {
    const response = httpErrorResponse(request(accept), NOT_FOUND);
    assertEquals(response.status, 404);
    assertEquals(
      response.headers.get("content-type"),
      "text/plain; charset=utf-8",
    );
    assertEquals(await response.text(), "There is nothing here.\n");
  });
}

for (
  const accept of [
    "application/json",
    "application/*",
    "application/json, text/plain;q=0.9",
    "text/plain;q=0.1, application/json",
    "text/html, application/json;q=0.2",
  ]
) {
  Deno.test(`httpErrorResponse() returns JSON for Accept "${accept}"`, async () => {
    const response = httpErrorResponse(request(accept), NOT_FOUND);
    assertEquals(response.status, 404);
    assertEquals(response.headers.get("content-type"), "application/json");
    assertEquals(await response.json(), {
      status: 404,
      error: "Not Found",
      message: "There is nothing here.",
    });
  });
}

for (const accept of ["text/plain", "application/json"]) {
  Deno.test(`httpErrorResponse() forbids caching and sniffing of ${accept}`, () => {
    const { headers } = httpErrorResponse(request(accept), NOT_FOUND);
    assertEquals(headers.get("cache-control"), "no-store");
    assertEquals(headers.get("x-content-type-options"), "nosniff");
  });

  Deno.test(`httpErrorResponse() has the error's fields as ${accept}`, () => {
    const { status, headers } = httpErrorResponse(request(accept), {
      status: 426,
      message: "Speak WebSocket.",
      headers: { upgrade: "websocket", "sec-websocket-version": "13" },
    });
    assertEquals(status, 426);
    assertEquals(headers.get("upgrade"), "websocket");
    assertEquals(headers.get("sec-websocket-version"), "13");
  });
}

Deno.test("httpErrorResponse() does not change the error's fields", () => {
  const headers = Object.freeze({ allow: "GET" });
  httpErrorResponse(request(), { status: 405, message: "No.", headers });
  assertEquals(headers, { allow: "GET" });
});

Deno.test("retryLater() returns the status with Retry-After", () => {
  assertEquals(retryLater(503, "Too busy."), {
    status: 503,
    message: "Too busy.",
    headers: { "retry-after": "5" },
  });
  assertEquals(retryLater(429, "Slow down.", 60).headers, {
    "retry-after": "60",
  });
});
