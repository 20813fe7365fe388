import { assert, assertEquals, assertMatch } from "@std/assert";
import { BaseHandler, type LevelName, LogLevels, LogRecord } from "@std/log";
import { DeduplicatingHandler } from "../../../lib/log/deduplicating_handler.ts";
import { details, line } from "../../../lib/log/fields.ts";
import { WorkQueueFullError } from "../../../lib/work_queue.ts";
import { FakeTime } from "../../handlers/fake_time.ts";

class RecordingHandler extends BaseHandler {
  readonly lines: string[] = [];

  override log(text: string): void {
    this.lines.push(text);
  }
}

/** Runs a test with a handler whose lines are `LEVEL message arguments`. */
function folding(
  fn: (
    log: (level: LevelName, msg: string, ...args: unknown[]) => void,
    lines: string[],
    time: FakeTime,
    handler: DeduplicatingHandler,
  ) => void,
): void {
  using time = new FakeTime();
  const recorder = new RecordingHandler("INFO", {
    formatter: ({ levelName, msg, args }) =>
      [levelName, msg, ...args].join(" "),
  });
  const handler = new DeduplicatingHandler(recorder);
  const log = (level: LevelName, msg: string, ...args: unknown[]) => {
    const options = { msg, args, level: LogLevels[level], loggerName: "t" };
    handler.handle(new LogRecord(options));
  };
  fn(log, recorder.lines, time, handler);
  handler.destroy();
}

for (const level of ["DEBUG", "INFO"] as const) {
  Deno.test(`DeduplicatingHandler passes on every ${level} record`, () => {
    folding((log, lines) => {
      for (let i = 0; i < 3; i++) log(level, "again");
      const expected = level === "INFO" ? Array(3).fill("INFO again") : [];
      assertEquals(lines, expected);
    });
  });
}

for (
  const [level, written] of [["WARN", 10], ["ERROR", 1], [
    "CRITICAL",
    1,
  ]] as const
) {
  Deno.test(`DeduplicatingHandler writes ${written} and counts the rest of repeated ${level} records`, () => {
    folding((log, lines, time) => {
      for (let i = 0; i < 1000; i++) log(level, "again:", `text ${i}`);
      const first = Array.from(
        { length: written },
        (_, i) => `${level} again: text ${i}`,
      );
      assertEquals(lines.splice(0), first);
      time.pass(10_000);
      assertEquals(lines.splice(0), [
        `${level} again: text 999 … ${1000 - written} more in 10 s`,
      ]);
      log(level, "again:", "later");
      time.pass(10_000);
      assertEquals(lines.splice(0), [
        `${level} again: later … 1 more in 10 s`,
      ]);
      time.pass(10_000);
      log(level, "again:", "first of a new window");
      assertEquals(lines, [`${level} again: first of a new window`]);
    });
  });
}

Deno.test("DeduplicatingHandler folds INFO records whose fields ask for it, by their kind", () => {
  folding((log, lines, time) => {
    for (let i = 0; i < 15; i++) {
      const client = { "client.address": `192.0.2.${i}` };
      log("INFO", "Refused", details(client, { kind: "429", folds: true }));
      log("INFO", "Refused", details(client, { kind: "503" }));
    }
    assertEquals(lines.splice(0).length, 10 + 15);
    time.pass(10_000);
    assertEquals(lines, [
      "INFO Refused client=192.0.2.14 … 5 more in 10 s",
    ]);
  });
});

Deno.test("DeduplicatingHandler tells the kinds of line() apart by their texts, not by their values", () => {
  folding((log, lines) => {
    for (const id of ["1a-1", "ffff-2"]) {
      log("ERROR", ...line`Sock ${{ "session.id": id }} failed`);
    }
    assertEquals(lines, ["ERROR Sock 1a-1 failed "]);
  });
});

Deno.test("DeduplicatingHandler sets no timer without warnings and errors", () => {
  folding((log, _lines, time) => {
    log("WARN", "once");
    assertEquals(time.timers, 1);
    time.pass(10_000);
    assertEquals(time.timers, 0);
  });
});

Deno.test("DeduplicatingHandler distinguishes kinds by level and message, not by numbers", () => {
  folding((log, lines) => {
    log("ERROR", "Sock 1a2b-17 is cut off: 100 bytes");
    log("ERROR", "Sock 1a2b-18 is cut off: 2000 bytes");
    log("ERROR", "Another");
    log("CRITICAL", "Another");
    assertEquals(lines, [
      "ERROR Sock 1a2b-17 is cut off: 100 bytes",
      "ERROR Another",
      "CRITICAL Another",
    ]);
  });
});

Deno.test("DeduplicatingHandler writes its counts when it is destroyed", () => {
  let seen: string[] = [];
  folding((log, lines) => {
    log("ERROR", "again");
    log("ERROR", "again");
    seen = lines;
  });
  assertEquals(seen, ["ERROR again", "ERROR again … 1 more in 10 s"]);
});

function bug(message: string): Error {
  return new TypeError(message);
}

Deno.test("DeduplicatingHandler logs the stack of an error once", () => {
  folding((log, lines, time) => {
    for (let i = 0; i < 5; i++) {
      log("ERROR", "Handler of /ws failed:", bug("a bug"));
      time.pass(20_000);
    }
    assertEquals(lines.length, 5);
    const [first, ...others] = lines;
    assertMatch(
      first!,
      /^ERROR Handler of \/ws failed: TypeError: a bug\n {4}at bug \(/,
    );
    for (const line of others) {
      assertEquals(line, "ERROR Handler of /ws failed: TypeError: a bug");
    }
  });
});

Deno.test("DeduplicatingHandler logs a stack for each place where an error was thrown", () => {
  folding((log, lines) => {
    log("ERROR", "failed:", bug("one"));
    log("ERROR", "failed:", bug("the same, with other words"));
    log("ERROR", "failed:", new TypeError("another"));
    assertEquals(lines.length, 2);
    assert(lines.every((line) => line.includes("\n    at ")), lines.join("\n"));
  });
});

for (
  const error of [
    new WorkQueueFullError(10),
    new Deno.errors.ConnectionReset("reset by client"),
    Object.assign(new TypeError("of the runtime"), {
      stack:
        "TypeError: of the runtime\n    at f (ext:deno_http/00_serve.ts:1:2)",
    }),
  ]
) {
  Deno.test(`DeduplicatingHandler logs no stack of ${error.name}: ${error.message}`, () => {
    folding((log, lines) => {
      log("ERROR", "failed:", error);
      assertEquals(lines, [`ERROR failed: ${error.name}: ${error.message}`]);
    });
  });
}

Deno.test("DeduplicatingHandler escapes line breaks in the message of an error", () => {
  folding((log, lines) => {
    const error = new Error("a\nE (1) t: forged\n    at forged\x1b[31m");
    log("ERROR", "failed:", error);
    assertMatch(
      lines[0]!,
      /^ERROR failed: Error: a\\nE \(1\) t: forged\\n {4}at forged\\u001b\[31m\n {4}at .*deduplicating_handler_test/,
    );
    assert(!lines[0]!.includes("\n    at forged"), lines[0]);
  });
});

Deno.test("DeduplicatingHandler keeps at most 1000 kinds", () => {
  folding((log, lines, time) => {
    const letters = (i: number) =>
      i.toString(2).replaceAll("0", "a").replaceAll("1", "b");
    for (let i = 0; i < 2000; i++) log("ERROR", letters(i));
    assertEquals(time.timers, 1001);
    assertEquals(lines.length, 1001);
  });
});
