import { assertEquals, assertRejects } from "@std/assert";
import { type BodyLimits, BodyReader } from "../../../lib/http/body.ts";
import { RefusedError } from "../../../lib/protocol/http_error.ts";

// Off by default in Deno 2.9.
Deno.test.sanitizer({ ops: true, resources: true });

const LIMITS: BodyLimits = {
  size: 10,
  total: 15,
  timeout: 60_000,
  stopping: new AbortController().signal,
};

function post(body?: BodyInit, headers?: HeadersInit): Request {
  return new Request("http://a.test/", {
    method: "POST",
    ...(body === undefined ? {} : { body }),
    ...(headers === undefined ? {} : { headers }),
  });
}

/** A request body whose chunks the test controls. */
class Source {
  readonly #stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  controller!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  cancelled = false;

  constructor() {
    this.#stream = new ReadableStream({
      start: (controller) => {
        this.controller = controller;
      },
      cancel: () => {
        this.cancelled = true;
      },
    });
  }

  request(): Request {
    return post(this.#stream);
  }
}

async function refusal(reading: Promise<unknown>): Promise<number> {
  return (await assertRejects(() => reading, RefusedError)).answer.status;
}

Deno.test("BodyReader.read() returns all chunks of a body", async () => {
  const source = new Source();
  const reading = new BodyReader(LIMITS).read(source.request());
  source.controller.enqueue(Uint8Array.of(1, 2));
  source.controller.enqueue(Uint8Array.of(3));
  source.controller.close();
  using body = await reading;
  assertEquals(body.bytes, Uint8Array.of(1, 2, 3));
});

Deno.test("BodyReader.read() returns no bytes for a request without a body", async () => {
  using body = await new BodyReader(LIMITS).read(post());
  assertEquals(body.bytes.length, 0);
});

Deno.test("BodyReader.read() accepts a body of exactly the limit", async () => {
  using body = await new BodyReader(LIMITS).read(post(new Uint8Array(10)));
  assertEquals(body.bytes.length, 10);
});

Deno.test("BodyReader.read() refuses with 413 by Content-Length, before it reads", async () => {
  const request = post(new Uint8Array(1), { "content-length": "11" });
  assertEquals(await refusal(new BodyReader(LIMITS).read(request)), 413);
  assertEquals(request.bodyUsed, false);
});

Deno.test("BodyReader.read() stops reading and releases a body that gets too long", async () => {
  const reader = new BodyReader(LIMITS);
  const source = new Source();
  const reading = reader.read(source.request());
  source.controller.enqueue(new Uint8Array(10));
  source.controller.enqueue(new Uint8Array(1));
  assertEquals(await refusal(reading), 413);
  assertEquals(source.cancelled, true);
  assertEquals(reader.held, 0);
});

Deno.test("BodyReader.read() refuses with 503 while bodies hold the limit", async () => {
  const reader = new BodyReader(LIMITS);
  const first = await reader.read(post(new Uint8Array(8)));
  assertEquals(await refusal(reader.read(post(new Uint8Array(8)))), 503);
  assertEquals(reader.held, 8);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  assertEquals(reader.held, 0);
  using second = await reader.read(post(new Uint8Array(8)));
  assertEquals(second.bytes.length, 8);
});

Deno.test("BodyReader.read() refuses with 408 when a body takes too long", async () => {
  const source = new Source();
  const reading = new BodyReader({ ...LIMITS, timeout: 20 })
    .read(source.request());
  source.controller.enqueue(new Uint8Array(1));
  assertEquals(await refusal(reading), 408);
  assertEquals(source.cancelled, true);
});

Deno.test("BodyReader.read() refuses with 503 when the service stops", async () => {
  const stop = new AbortController();
  const source = new Source();
  const reader = new BodyReader({ ...LIMITS, stopping: stop.signal });
  const reading = reader.read(source.request());
  stop.abort();
  assertEquals(await refusal(reading), 503);
  assertEquals(source.cancelled, true);
});

Deno.test("BodyReader.read() refuses with 400 when the client disconnects", async () => {
  const reader = new BodyReader(LIMITS);
  const source = new Source();
  const reading = reader.read(source.request());
  source.controller.enqueue(new Uint8Array(3));
  source.controller.error(new TypeError("gone"));
  assertEquals(await refusal(reading), 400);
  assertEquals(reader.held, 0);
});

Deno.test("BodyReader.read() refuses with 429 when the bodies of a client hold its limit", async () => {
  const reader = new BodyReader({ ...LIMITS, total: 30, perClient: 10 });
  const read = (length: number, client?: string) =>
    reader.read(post(new Uint8Array(length)), {
      client,
      reclaimed: new AbortController().signal,
      charge() {},
    });
  const first = await read(6, "a");
  assertEquals(await refusal(read(5, "a")), 429);
  using _fits = await read(4, "a");
  using _other = await read(8, "b");
  using _uncounted = await read(9);
  assertEquals(reader.held, 27);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  using _again = await read(6, "a");
  assertEquals(await refusal(read(1, "a")), 429);
});

Deno.test("BodyReader.read() refuses more than 256 small chunks at a time with 413, and ends the connection", async () => {
  const source = new Source();
  const limits = { ...LIMITS, size: 1000, total: 1000 };
  const reading = new BodyReader(limits).read(source.request());
  for (let i = 0; i < 300; i++) source.controller.enqueue(Uint8Array.of(1));
  const error = await assertRejects(() => reading, RefusedError);
  assertEquals([error.answer.status, error.endsConnection], [413, true]);
});

Deno.test("BodyReader.read() takes any number of small chunks that reads wait for", async () => {
  const source = new Source();
  const limits = { ...LIMITS, size: 1000, total: 1000 };
  const reading = new BodyReader(limits).read(source.request());
  for (let i = 0; i < 600; i++) {
    source.controller.enqueue(Uint8Array.of(1));
    if (i % 200 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  }
  source.controller.close();
  using body = await reading;
  assertEquals(body.bytes.length, 600);
});
