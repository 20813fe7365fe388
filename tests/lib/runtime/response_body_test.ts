import { assert, assertEquals, assertFalse } from "@std/assert";
import { isBodyInUse } from "../../../lib/runtime/response_body.ts";
import { testWith } from "../../permissions.ts";

Deno.test("isBodyInUse() finds bodies that are locked or used", async () => {
  const make: readonly (() => Response)[] = [
    () => new Response("text"),
    () => new Response("text", { headers: { "x-name": "value" } }),
    () => new Response(new Uint8Array(3)),
    () => new Response(new Blob(["text"]).stream()),
    () => Response.json({}),
  ];
  for (const body of make) {
    assertFalse(isBodyInUse(body()));
    const locked = body();
    locked.body!.getReader();
    assert(isBodyInUse(locked));
    const used = body();
    await used.text();
    assert(isBodyInUse(used));
  }
  assertFalse(isBodyInUse(new Response(null)));
});

/** The Content-Length of a response that a function has seen. */
async function lengthAfter(
  look: (response: Response) => unknown,
): Promise<string | null> {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => {
      const response = new Response("text");
      look(response);
      response.headers.set("x-name", "value");
      return response;
    },
  );
  const response = await fetch(`http://127.0.0.1:${server.addr.port}`);
  await response.text();
  return response.headers.get("content-length");
}

testWith(
  { net: "127.0.0.1" },
  "isBodyInUse() leaves the body as it is",
  async () => {
    assertEquals(await lengthAfter(isBodyInUse), "4");
  },
);

// When this fails, response_body.ts can read `Response.body`.
testWith(
  { net: "127.0.0.1" },
  "runtime still sends a text in chunks once its body was read",
  async () => {
    assertEquals(await lengthAfter((response) => response.body), null);
  },
);
