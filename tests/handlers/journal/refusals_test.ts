import { assertEquals } from "@std/assert";
import { Journals } from "../../../handlers/journal/journals.ts";
import { recordRefusals } from "../../../handlers/journal/refusals.ts";
import { judge } from "../../../handlers/journal/verdict/verdict.ts";
import { HTTP_INFO } from "../fakes.ts";

const ERROR = { status: 400, message: "The key is wrong." };

const INFO = { ...HTTP_INFO, listener: "frame" } as const;

function request(query: string, fields: Record<string, string> = {}): Request {
  return new Request(`http://h/ws${query}`, {
    headers: { upgrade: "websocket", "sec-websocket-key": "short", ...fields },
  });
}

Deno.test("recordRefusals() records a refused handshake and judges it", async () => {
  const journals = new Journals();
  const handler = recordRefusals(journals)[400]!;
  const response = await handler(request("?journal=a"), ERROR, INFO);
  assertEquals(await response.text(), "The key is wrong.\n");
  const { connections } = journals.get("a")!;
  const [record] = connections;
  assertEquals([record!.state, record!.status], ["refused", 400]);
  const { rules } = judge(record!, connections);
  const statuses = Object.fromEntries(
    rules.map(({ rule, status }) => [rule.id, status]),
  );
  assertEquals(statuses["key-length"], "failed");
  assertEquals(statuses["required-fields"], "failed");
  assertEquals(statuses["request-line"], "not tested");
});

for (
  const [what, asked] of [
    ["without the parameter", request("")],
    ["with an invalid name", request("?journal=a%20b")],
    ["that asks for no WebSocket", request("?journal=a", { upgrade: "h2c" })],
  ] as const
) {
  Deno.test(`recordRefusals() records no request ${what}`, async () => {
    const journals = new Journals();
    const response = await recordRefusals(journals)[400]!(asked, ERROR, INFO);
    assertEquals([response.status, journals.size], [400, 0]);
  });
}
