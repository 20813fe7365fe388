import { assertEquals } from "@std/assert";
import { listen } from "../../../../handlers/conformance/cli/listen.ts";
import { ResultStore } from "../../../../lib/conformance/result_store.ts";
import { connectUnchecked } from "../../../../lib/client/mod.ts";
import { testWith } from "../../../permissions.ts";

testWith(
  { net: true },
  "listen() refuses none of 600 handshakes that one address makes at a time",
  async () => {
    await using server = await listen(
      new ResultStore(),
      { cases: [], exclude: [] },
      "127.0.0.1",
      0,
    );
    const url = `${server.urls.frame}/getCaseCount`;
    const statuses = await Promise.all(
      Array.from({ length: 600 }, async () => {
        await using client = await connectUnchecked(url);
        return client.handshake.response.status;
      }),
    );
    assertEquals([...new Set(statuses)], [101]);
  },
);
