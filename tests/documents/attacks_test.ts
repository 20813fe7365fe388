import { assertEquals } from "@std/assert";
import { ATTACKS, SHORT_ATTACKS } from "../hostile/attacks/attacks.ts";
import { testWith } from "../permissions.ts";
import { tableRows } from "./table_rows.ts";

const README = "tests/hostile/README.md";

testWith(
  { read: true },
  `${README} lists every attack as the code has it`,
  async () => {
    assertEquals(
      await tableRows(README, "attack"),
      ATTACKS.map(({ name, clients, listeners }) => [
        name,
        String(clients),
        listeners?.join(", ") ?? "both",
        SHORT_ATTACKS.has(name) ? "yes" : "",
      ]),
    );
  },
);

testWith(
  { read: true },
  `${README} has figures of attacks that exist`,
  async () => {
    const names = new Set(ATTACKS.map(({ name }) => name));
    const rows = await tableRows(README, "clients × attack");
    const unknown = rows.map(([attack]) => attack!.replace(/^[\d ]+ × /, ""))
      .filter((name) => !names.has(name));
    assertEquals(unknown, []);
  },
);

Deno.test("SHORT_ATTACKS has names of attacks only", () => {
  const names = new Set(ATTACKS.map(({ name }) => name));
  assertEquals([...SHORT_ATTACKS].filter((name) => !names.has(name)), []);
});
