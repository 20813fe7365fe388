import { assertEquals } from "@std/assert";
import { QueryError } from "../../../lib/http/query.ts";
import { answer } from "../../../lib/listener/answer.ts";
import type { Refusable } from "../../../lib/listener/refusal.ts";
import { RefusedError } from "../../../lib/protocol/http_error.ts";
import { HTTP_INFO, LogCapture } from "../../handlers/fakes.ts";

function refusable(): Refusable {
  const request = new Request("http://localhost/x");
  return { request, head: request, target: request.url, ...HTTP_INFO };
}

function answerWith(handle: () => Response | Promise<Response>) {
  return answer({}, handle, refusable(), "/x");
}

Deno.test("answer() returns the handler's response", async () => {
  using log = new LogCapture("INFO");
  const response = await answerWith(() => new Response("fine"));
  assertEquals([response.status, await response.text()], [200, "fine"]);
  assertEquals(log.lines, []);
});

Deno.test("answer() sends and logs the response of a RefusedError", async () => {
  using log = new LogCapture("INFO");
  const response = await answerWith(() => {
    const headers = { "retry-after": "5" };
    throw new RefusedError({ status: 503, message: "Too busy.", headers });
  });
  assertEquals([response.status, await response.text()], [503, "Too busy.\n"]);
  assertEquals(response.headers.get("retry-after"), "5");
  assertEquals(log.lines, ["INFO httpd: Refused with 503: Too busy."]);
});

Deno.test("answer() sends 400 and the sentence of a QueryError", async () => {
  using _log = new LogCapture("INFO");
  const response = await answerWith(() =>
    Promise.reject(new QueryError("tick", "a number"))
  );
  assertEquals([response.status, await response.text()], [
    400,
    'The parameter "tick" has to be a number.\n',
  ]);
});

Deno.test("answer() logs any other error and sends 500", async () => {
  using log = new LogCapture("INFO");
  const response = await answerWith(() => {
    throw new RangeError("mine");
  });
  assertEquals(response.status, 500);
  assertEquals(log.lines, [
    "ERROR httpd: HTTP handler of /x failed: RangeError: mine",
    "INFO httpd: Refused with 500: The server failed to answer this request.",
  ]);
});
