import { assertEquals } from "@std/assert";
import * as journals from "../../handlers/journal/journals.ts";
import { MAX_ENTRIES } from "../../handlers/journal/record/connection_record.ts";
import { REACTION_TIME } from "../../handlers/journal/record/fault.ts";
import * as closing from "../../handlers/journal/verdict/closing.ts";
import * as control from "../../handlers/journal/verdict/control.ts";
import { RULES } from "../../handlers/journal/verdict/verdict.ts";
import * as channel from "../../handlers/show/channel.ts";
import { info, type RequestInfo } from "../../handlers/show/info.ts";
import { MAX_COMMAND } from "../../handlers/show/message_channel.ts";
import * as queues from "../../handlers/show/queue_store.ts";
import { MAX_WAITS } from "../../handlers/show/stash_messages.ts";
import * as stash from "../../handlers/show/stash_store.ts";
import { openHandler } from "../../lib/testing/mod.ts";
import { testWith } from "../permissions.ts";
import { tableRows } from "./table_rows.ts";

const JOURNAL = "handlers/journal/README.md";

const SHOW = "handlers/show/README.md";

/** The rows of all tables with a head, as names and numbers. */
async function valuesIn(
  path: string,
  head: string,
): Promise<Record<string, number>> {
  const text = await Deno.readTextFile(
    new URL(`../../${path}`, import.meta.url),
  );
  const tables = text.split(new RegExp(`^\\| ${head} `, "m")).slice(1);
  const rows = tables.flatMap((table) => {
    const lines = table.split("\n");
    const end = lines.findIndex((line, i) => i > 0 && !line.startsWith("|"));
    return lines.slice(2, end);
  });
  return Object.fromEntries(
    rows.map((row) => row.split("|").map((cell) => cell.trim()))
      .map(([, name, value]) => [name!.replaceAll("`", ""), Number(value)]),
  );
}

testWith(
  { read: true },
  "handlers/journal/README.md has a row for each rule of the verdict",
  async () => {
    const rows = await tableRows(JOURNAL, "rule");
    assertEquals(
      rows,
      RULES.map(({ id, section, level, text }) => [
        `\`${id}\``,
        section,
        level,
        text,
      ]),
    );
  },
);

testWith(
  { read: true },
  "handlers/journal/README.md has the limits and times of the code",
  async () => {
    const { MAX_JOURNALS, MAX_CONNECTIONS, MAX_BYTES } = journals;
    const { MAX_JOURNAL_BYTES, MAX_AGE } = journals;
    assertEquals(await valuesIn(JOURNAL, "limit"), {
      MAX_JOURNALS,
      MAX_CONNECTIONS,
      MAX_ENTRIES,
      MAX_JOURNAL_BYTES,
      MAX_BYTES,
      MAX_AGE,
      PONG_TIME: control.PONG_TIME,
      NO_PONG_TIME: control.NO_PONG_TIME,
      CLOSE_TIME: closing.CLOSE_TIME,
      TCP_CLOSE_TIME: closing.TCP_CLOSE_TIME,
      TCP_WAIT_SEEN: closing.TCP_WAIT_SEEN,
      REACTION_TIME,
    });
  },
);

testWith(
  { read: true },
  "handlers/show/README.md has the limits of the code",
  async () => {
    const { MAX_CHANNELS, MAX_MEMBERS, MAX_MESSAGE, MAX_WAITING } = channel;
    const { MAX_VALUES, MAX_VALUE, MAX_VALUES_BYTES, MAX_VALUE_AGE } = stash;
    assertEquals(await valuesIn(SHOW, "limit"), {
      MAX_CHANNELS,
      MAX_MEMBERS,
      MAX_MESSAGE,
      MAX_WAITING,
      MAX_COMMAND,
      MAX_QUEUES: queues.MAX_QUEUES,
      MAX_QUEUED: queues.MAX_QUEUED,
      MAX_QUEUE_AGE: queues.MAX_QUEUE_AGE,
      MAX_VALUES,
      MAX_VALUE,
      MAX_VALUES_BYTES,
      MAX_VALUE_AGE,
      MAX_WAITS,
    });
  },
);

testWith(
  { read: true },
  "handlers/show/README.md has a row for each field of /info",
  async () => {
    const rows = await tableRows(SHOW, "field");
    const { messages } = await openHandler(info);
    const about: RequestInfo = JSON.parse(messages[0] as string);
    assertEquals(
      rows.map(([name]) => name!.replaceAll("`", "")),
      Object.keys(about),
    );
  },
);
