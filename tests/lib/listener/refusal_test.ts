import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import {
  type ErrorHandlers,
  type Refusable,
  refusalResponse,
} from "../../../lib/listener/refusal.ts";
import type { HttpError } from "../../../lib/protocol/http_error.ts";
import { HTTP_INFO, LogCapture } from "../../handlers/fakes.ts";

const ERROR: HttpError = {
  status: 405,
  message: "No.",
  headers: { allow: "GET" },
};

function refusable(): Refusable {
  const request = new Request("http://localhost/x", { method: "POST" });
  return { request, head: request, target: request.url, ...HTTP_INFO };
}

for (const errors of [undefined, {}, { 404: () => new Response("other") }]) {
  Deno.test(`refusalResponse() returns the listener's response with ${JSON.stringify(errors)}`, async () => {
    const response = await refusalResponse({ errors }, refusable(), ERROR);
    assertEquals(response.status, 405);
    assertEquals(response.headers.get("allow"), "GET");
    assertEquals(await response.text(), "No.\n");
  });
}

Deno.test("refusalResponse() passes request, error and info", () => {
  const refused = refusable();
  let given: unknown[] = [];
  refusalResponse(
    {
      errors: {
        405: (...args) => {
          given = args;
          return new Response();
        },
      },
    },
    refused,
    ERROR,
  );
  assertEquals(given, [refused.request, ERROR, HTTP_INFO]);
});

Deno.test("refusalResponse() adds the fields that the status requires", async () => {
  const response = await refusalResponse(
    { errors: { 405: () => new Response("mine", { status: 418 }) } },
    refusable(),
    ERROR,
  );
  assertEquals(response.status, 418);
  assertEquals(response.headers.get("allow"), "GET");
  assertEquals(await response.text(), "mine");
});

Deno.test("refusalResponse() keeps fields of the replacement", async () => {
  const response = await refusalResponse(
    { errors: { 405: () => new Response("", { headers: { Allow: "PUT" } }) } },
    refusable(),
    ERROR,
  );
  assertEquals(response.headers.get("allow"), "PUT");
});

Deno.test("refusalResponse() adds fields to a response with immutable fields", async () => {
  const response = await refusalResponse(
    { errors: { 405: () => Response.redirect("http://localhost/other") } },
    refusable(),
    ERROR,
  );
  assertEquals(response.status, 302);
  assertEquals(response.headers.get("allow"), "GET");
});

Deno.test("refusalResponse() returns a promise if the error handler does", async () => {
  const errors: ErrorHandlers = {
    405: () => Promise.resolve(new Response("later")),
  };
  const response = refusalResponse({ errors }, refusable(), ERROR);
  assertInstanceOf(response, Promise);
  assertEquals(await (await response).text(), "later");
});

const used = new Response("used");
await used.text();

for (
  const [what, handler] of [
    ["throws", () => {
      throw new Error("boom");
    }],
    ["rejects", () => Promise.reject(new Error("boom"))],
    ["returns no Response", () => undefined as unknown as Response],
    ["returns an error response", () => Response.error()],
    ["returns a Response that was sent", () => used],
  ] as const
) {
  Deno.test(`refusalResponse() logs and returns the listener's response if the handler ${what}`, async () => {
    using log = new LogCapture("WARN");
    const response = await refusalResponse(
      { errors: { 405: handler } },
      refusable(),
      ERROR,
    );
    assertEquals(await response.text(), "No.\n");
    assertEquals(response.headers.get("allow"), "GET");
    assertEquals(log.lines.length, 1);
    assert(
      log.lines[0]!.startsWith(
        "ERROR httpd: Error handler of status 405 failed:",
      ),
    );
  });
}

Deno.test("refusalResponse() returns the listener's response where there can be no Request", async () => {
  using log = new LogCapture("WARN");
  const head = { headers: new Headers() };
  const refused = {
    head,
    target: "/",
    ...HTTP_INFO,
    get request() {
      return new Request("http://localhost/", { method: "TRACE" });
    },
  };
  const errors = { 405: () => new Response("mine") };
  const response = await refusalResponse({ errors }, refused, ERROR);
  assertEquals(await response.text(), "No.\n");
  assertEquals(log.lines, []);
});
