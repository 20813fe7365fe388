import { assertEquals } from "@std/assert";
import { EXIT_CODE, STOP_SIGNALS } from "../../lib/process/exit.ts";
import { RENEWAL_SIGNAL } from "../../lib/process/tls_renewal.ts";
import { testWith } from "../permissions.ts";
import { tableRows } from "./table_rows.ts";

const README = "lib/process/README.md";

testWith({ read: true }, `${README} has every exit code`, async () => {
  const rows = await tableRows(README, "code");
  assertEquals(rows.map(([code]) => Number(code)), Object.values(EXIT_CODE));
});

testWith({ read: true }, `${README} has every signal`, async () => {
  const rows = await tableRows(README, "signal");
  const signals = [...STOP_SIGNALS, RENEWAL_SIGNAL]
    .map((signal) => signal === "SIGBREAK" ? "SIGTERM" : signal);
  assertEquals(rows.map(([signal]) => signal), signals.map((s) => `\`${s}\``));
});
