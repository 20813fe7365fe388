import { assertEquals } from "@std/assert";
import { within } from "../../integration/support/within.ts";
import { RawClient } from "../../integration/support/raw.ts";
import { testWith } from "../../permissions.ts";

const REQUEST = "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n";

/** Far more than the buffers of two sockets hold. */
const MUCH = 64 * 2 ** 20;

/** A server of the runtime. */
function serve(
  handler: () => Response | Promise<Response>,
): Deno.HttpServer<Deno.NetAddr> {
  const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
  return Deno.serve(options, handler);
}

// When this fails, open_requests.ts can be removed, and open_answer.ts for the most part.
testWith(
  { net: "127.0.0.1" },
  "runtime still reads on without a limit from a client whose request waits",
  async () => {
    const answer = Promise.withResolvers<Response>();
    await using server = serve(() => answer.promise);
    using client = await RawClient.connect(server.addr, REQUEST);
    await within(client.write(new Uint8Array(MUCH)), "the end of the write");
    answer.resolve(new Response());
    await within(client.head(), "the response");
  },
);

testWith(
  { net: "127.0.0.1" },
  "runtime still goes on after a complete response with Connection: close",
  async () => {
    const headers = { connection: "close" };
    await using server = serve(() => new Response("1", { headers }));
    using client = await RawClient.connect(server.addr, REQUEST + REQUEST);
    assertEquals((await within(client.response(), "a response")).body, "1");
    assertEquals((await within(client.response(), "another one")).body, "1");
  },
);
