import { assertEquals } from "@std/assert";
import { busHost } from "../../../../lib/cluster/bus/host.ts";
import { runToEnd } from "../../../integration/support/server.ts";
import { NEEDS } from "../../../integration/support/suite.ts";
import { testWith } from "../../../permissions.ts";

for (
  const [bus, host] of [
    ["redis://10.0.0.5:6379", "10.0.0.5:6379"],
    ["rediss://user:secret@redis.test/1", "redis.test"],
    ["redis://[::1]:6379", "[::1]:6379"],
    ["local", undefined],
    ["", undefined],
    ["http://10.0.0.5", undefined],
  ] as const
) {
  Deno.test(`busHost() of ${JSON.stringify(bus)}`, () => {
    assertEquals(busHost(bus), host);
  });
}

testWith(
  NEEDS,
  "start:redis without variables ends with one line",
  async () => {
    const { code, stderr } = await runToEnd({}, ["task", "start:redis"]);
    assertEquals(code, 1);
    assertEquals(stderr.filter((line) => !line.startsWith("Task ")), [
      "ws_echo_server cannot start: BUS is not set: start:redis needs a URL such as redis://127.0.0.1:6379",
    ]);
  },
);
