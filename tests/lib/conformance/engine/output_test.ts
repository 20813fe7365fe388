import { assertEquals } from "@std/assert";
import { Output } from "../../../../lib/conformance/engine/output.ts";
import { WireLog } from "../../../../lib/conformance/engine/wire_log.ts";

/** A connection that records its writes. */
class Recorder {
  readonly writes: string[] = [];
  fails = false;
  onWrite: (() => void) | undefined;

  read(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  // deno-lint-ignore require-await
  async write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    if (this.fails) throw new Error("closed");
    this.writes.push(new TextDecoder().decode(bytes));
    this.onWrite?.();
  }

  close(): void {}
}

function setUp(): { recorder: Recorder; output: Output } {
  const recorder = new Recorder();
  return { recorder, output: new Output(recorder, new WireLog()) };
}

function chunks(...texts: string[]): Uint8Array<ArrayBuffer>[] {
  return texts.map((text) => new TextEncoder().encode(text));
}

Deno.test("Output joins the entries of a turn", async () => {
  const { recorder, output } = setUp();
  output.push({ chunks: chunks("a", "b") });
  output.push({ chunks: chunks("c") });
  await output.flushed();
  output.push({ chunks: chunks("d") });
  await output.flushed();
  assertEquals(recorder.writes, ["abc", "d"]);
});

Deno.test("Output writes an entry that is alone by itself", async () => {
  const { recorder, output } = setUp();
  output.push({ chunks: chunks("a") });
  output.push({ chunks: chunks("b"), alone: true, paced: true });
  output.push({ chunks: chunks("c") });
  await output.flushed();
  assertEquals(recorder.writes, ["a", "b", "c"]);
});

Deno.test("Output writes a few bytes at a time, in order", async () => {
  const { recorder, output } = setUp();
  output.push({ chunks: chunks("abcde"), chop: 2 });
  output.push({ chunks: chunks("f") });
  await output.flushed();
  assertEquals(recorder.writes, ["ab", "cd", "e", "f"]);
});

Deno.test("Output joins chunks until they have 64 KiB", async () => {
  const { recorder, output } = setUp();
  const part = "x".repeat(40_000);
  output.push({ chunks: chunks(part, part, part) });
  await output.flushed();
  assertEquals(recorder.writes.map(({ length }) => length), [80_000, 40_000]);
});

Deno.test("Output takes chunks only when they are written", async () => {
  const { recorder, output } = setUp();
  let taken = 0;
  function* source() {
    for (const chunk of chunks("x".repeat(70_000), "y".repeat(70_000))) {
      taken++;
      yield chunk;
    }
  }
  const seen: number[] = [];
  recorder.onWrite = () => seen.push(taken);
  output.push({ chunks: source() });
  await output.flushed();
  assertEquals(seen, [1, 2]);
});

Deno.test("Output drops what is not written", async () => {
  const { recorder, output } = setUp();
  recorder.onWrite = () => output.discard();
  output.push({ chunks: chunks("abcdef"), chop: 2 });
  output.push({ chunks: chunks("g") });
  await output.flushed();
  output.push({ chunks: chunks("h") });
  await output.flushed();
  assertEquals(recorder.writes, ["ab"]);
});

Deno.test("Output calls onIdle when all is written, and not after an error", async () => {
  const { recorder, output } = setUp();
  let idle = 0;
  output.onIdle = () => idle++;
  output.push({ chunks: chunks("a") });
  await output.flushed();
  recorder.fails = true;
  output.push({ chunks: chunks("b") });
  await output.flushed();
  assertEquals([idle, output.written], [1, 2]);
});
