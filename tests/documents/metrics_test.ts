import { assertEquals } from "@std/assert";
import readme from "../../lib/metrics/README.md" with { type: "text" };
import { MemoryAccount } from "../../lib/memory/account.ts";
import { Metrics } from "../../lib/metrics/metrics.ts";
import { Sessions } from "../../lib/sessions/sessions.ts";
import { WorkQueue } from "../../lib/work_queue.ts";

Deno.test("lib/metrics/README.md has every metric with its type", async () => {
  const metrics = new Metrics({
    sessions: new Sessions(1),
    workQueue: new WorkQueue({ onError() {} }),
    memory: new MemoryAccount(2 ** 20),
    version: "1.0.0",
  });
  const types = [...(await metrics.text()).matchAll(/^# TYPE (\w+) (\w+)$/gm)];
  const rows = [
    ...readme.matchAll(/^\| `(\w+)` +\| (gauge|counter|histogram) /gm),
  ];
  assertEquals(named(rows), named(types));
});

function named(matches: RegExpMatchArray[]): string[] {
  return matches.map(([, name, type]) => `${name} ${type}`).sort();
}
