import { assert, assertEquals } from "@std/assert";
import { once } from "node:events";
import { createDeflateRaw } from "node:zlib";
import { zlibStreamsWork } from "../../../lib/runtime/zlib_stream.ts";

Deno.test("zlibStreamsWork() is true in this runtime", () => {
  assert(zlibStreamsWork());
});

// When this fails, zlib_stream.ts may use the documented streams.
Deno.test("runtime still gives the output of a zlib stream after the call only", async () => {
  const stream = createDeflateRaw();
  stream.write(new Uint8Array(1000));
  stream.flush();
  assertEquals(stream.read(), null);
  await once(stream, "readable");
  assert(stream.read() !== null);
  stream.close();
});
