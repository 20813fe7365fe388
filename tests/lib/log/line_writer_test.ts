import { assertEquals } from "@std/assert";
import { type LevelName, LogLevels, LogRecord } from "@std/log";
import { type LineOutput, LineWriter } from "../../../lib/log/line_writer.ts";
import { testWith } from "../../permissions.ts";
import { runProgram } from "../../program.ts";

/** Milliseconds until a waiting test fails. */
const LONG = 60_000;

/** An output whose writes the test ends. */
class Output implements LineOutput {
  readonly writes: (readonly string[])[] = [];
  readonly #pending: PromiseWithResolvers<void>[] = [];

  write(records: readonly string[]): Promise<void> {
    this.writes.push(records);
    const pending = Promise.withResolvers<void>();
    this.#pending.push(pending);
    return pending.promise;
  }

  /** Ends the write in progress with success. */
  async take(): Promise<void> {
    this.#pending.shift()!.resolve();
    await turn();
  }

  /** Ends the write in progress with an error. */
  async fail(): Promise<void> {
    this.#pending.shift()!.reject(new Deno.errors.BrokenPipe());
    await turn();
  }
}

/** Resolves after the reactions of all settled promises. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

function writerTo(output: LineOutput): LineWriter {
  return new LineWriter("INFO", { formatter: ({ msg }) => msg }, output);
}

function record(msg: string, level: LevelName = "INFO"): LogRecord {
  const options = { msg, args: [], loggerName: "test" };
  return new LogRecord({ ...options, level: LogLevels[level] });
}

function notice(count: number): string {
  return `${count} log records were dropped: the log's output did not take them in time`;
}

Deno.test("LineWriter writes the records of a turn in one write, in order", async () => {
  const output = new Output();
  const writer = writerTo(output);
  writer.handle(record("a"));
  writer.handle(record("b", "ERROR"));
  assertEquals(output.writes, []);
  await Promise.resolve();
  assertEquals(output.writes, [["a", "b"]]);
});

Deno.test("LineWriter writes waiting records when the write in progress ends", async () => {
  const output = new Output();
  const writer = writerTo(output);
  writer.handle(record("a"));
  await turn();
  writer.handle(record("b"));
  await turn();
  writer.handle(record("c"));
  assertEquals(output.writes, [["a"]]);
  await output.take();
  assertEquals(output.writes, [["a"], ["b", "c"]]);
  await output.take();
  writer.handle(record("d"));
  await turn();
  assertEquals(output.writes, [["a"], ["b", "c"], ["d"]]);
});

Deno.test("LineWriter starts a write at 16 Ki characters", () => {
  const output = new Output();
  const writer = writerTo(output);
  const line = "x".repeat(1024);
  for (let i = 0; i < 15; i++) writer.handle(record(line));
  assertEquals(output.writes, []);
  writer.handle(record(line));
  assertEquals(output.writes, [Array(16).fill(line)]);
});

Deno.test("LineWriter drops records when its buffer is full, and reports their number", async () => {
  const output = new Output();
  const writer = writerTo(output);
  const line = "x".repeat(1024 * 1024);
  writer.handle(record("in progress"));
  await turn();
  for (let i = 0; i < 10; i++) writer.handle(record(line));
  await output.take();
  assertEquals(output.writes[1], [line, line, line, line, notice(6)]);
  writer.handle(record("after"));
  await output.take();
  assertEquals(output.writes.slice(2), [["after"]]);
  await output.take();
});

Deno.test("LineWriter counts the records of failed writes", async () => {
  const output = new Output();
  const writer = writerTo(output);
  for (const msg of ["a", "b", "c"]) {
    writer.handle(record(msg));
    await turn();
    await output.fail();
  }
  assertEquals(output.writes, [["a"], ["b", notice(1)], ["c", notice(2)]]);
  writer.handle(record("d"));
  await turn();
  assertEquals(output.writes[3], ["d", notice(3)]);
  await output.take();
});

Deno.test("LineWriter ignores records below its level", async () => {
  const output = new Output();
  const writer = writerTo(output);
  writer.handle(record("a", "DEBUG"));
  await writer.flushed(LONG);
  assertEquals(output.writes, []);
});

Deno.test("LineWriter writes waiting records when it is destroyed", () => {
  const output = new Output();
  const writer = writerTo(output);
  writer.setup();
  writer.handle(record("a"));
  writer.destroy();
  assertEquals(output.writes, [["a"]]);
});

Deno.test("LineWriter.flushed() waits until all records are written", async () => {
  const output = new Output();
  const writer = writerTo(output);
  writer.handle(record("a"));
  await turn();
  writer.handle(record("b"));
  let isFlushed = false;
  const flushed = writer.flushed(LONG).then(() => isFlushed = true);
  await output.take();
  assertEquals(isFlushed, false);
  await output.take();
  await flushed;
  assertEquals(output.writes, [["a"], ["b"]]);
});

Deno.test("LineWriter.flushed() resolves after its timeout", async () => {
  const output = new Output();
  const writer = writerTo(output);
  writer.handle(record("a"));
  await writer.flushed(1);
  assertEquals(output.writes, [["a"]]);
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
    `LineWriter loses nothing of a turn before ${end}`,
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
