import { assertEquals } from "@std/assert";
import { type LevelName, LogLevels, LogRecord } from "@std/log";
import { LineWriter } from "../../lib/line_writer.ts";
import { testWith } from "../permissions.ts";
import { runProgram } from "../program.ts";

/** Takes a number of bytes a write at most. */
class Output {
  readonly writes: string[] = [];
  readonly #limit: number;

  constructor(limit = Infinity) {
    this.#limit = limit;
  }

  writeSync(bytes: Uint8Array): number {
    const written = bytes.subarray(0, this.#limit);
    this.writes.push(new TextDecoder().decode(written));
    return written.length;
  }
}

function writerTo(output: Output): LineWriter {
  return new LineWriter("INFO", { formatter: ({ msg }) => msg }, output);
}

function record(msg: string, level: LevelName = "INFO"): LogRecord {
  const options = { msg, args: [], loggerName: "test" };
  return new LogRecord({ ...options, level: LogLevels[level] });
}

Deno.test("LineWriter writes the lines of a turn at once, in their order", async () => {
  const output = new Output();
  const writer = writerTo(output);
  writer.handle(record("a"));
  writer.handle(record("b", "WARN"));
  assertEquals(output.writes, []);
  await Promise.resolve();
  assertEquals(output.writes, ["a\nb\n"]);
});

Deno.test("LineWriter writes again in the next turn", async () => {
  const output = new Output();
  const writer = writerTo(output);
  writer.handle(record("a"));
  await Promise.resolve();
  writer.handle(record("b"));
  await Promise.resolve();
  assertEquals(output.writes, ["a\n", "b\n"]);
});

for (const level of ["ERROR", "CRITICAL"] as const) {
  Deno.test(`LineWriter writes ${level} without waiting, behind what waits`, () => {
    const output = new Output();
    const writer = writerTo(output);
    writer.handle(record("a"));
    writer.handle(record("b", level));
    assertEquals(output.writes, ["a\nb\n"]);
  });
}

Deno.test("LineWriter keeps no more waiting than 16 Ki characters", () => {
  const output = new Output();
  const writer = writerTo(output);
  const line = "x".repeat(1023);
  for (let i = 0; i < 15; i++) writer.handle(record(line));
  assertEquals(output.writes, []);
  writer.handle(record(line));
  assertEquals(output.writes, [`${line}\n`.repeat(16)]);
});

Deno.test("LineWriter goes on where a write was not whole", () => {
  const output = new Output(3);
  writerTo(output).handle(record("abcdefg", "ERROR"));
  assertEquals(output.writes, ["abc", "def", "g\n"]);
});

Deno.test("LineWriter ignores what is below its level", () => {
  const output = new Output();
  const writer = writerTo(output);
  writer.handle(record("a", "DEBUG"));
  writer.flush();
  assertEquals(output.writes, []);
});

Deno.test("LineWriter does without an output that fails", () => {
  const writer = new LineWriter("INFO", {}, {
    writeSync() {
      throw new Deno.errors.BrokenPipe();
    },
  });
  writer.handle(record("a", "ERROR"));
  writer.handle(record("b", "ERROR"));
});

Deno.test("LineWriter writes what waits when it is replaced", () => {
  const output = new Output();
  const writer = writerTo(output);
  writer.setup();
  writer.handle(record("a"));
  writer.destroy();
  assertEquals(output.writes, ["a\n"]);
});

for (
  const [end, code] of [
    ["Deno.exit(3)", 3],
    ['throw new Error("the end")', 1],
    ['queueMicrotask(() => { throw new Error("the end"); })', 1],
    ['Promise.reject(new Error("the end"))', 1],
  ] as const
) {
  testWith(
    { run: true, read: true },
    `LineWriter loses nothing before ${end}`,
    async () => {
      const ended = await runProgram(`
      import { getLogger } from "@std/log";
      setTimeout(() => {
        getLogger("httpd").info("last words");
        ${end};
      });`);
      assertEquals(ended.code, code);
      assertEquals(
        ended.out.replace(/\(\d+\)/, "(0)"),
        "I (0) httpd: last words\n",
      );
    },
  );
}
