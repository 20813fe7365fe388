import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { MessageDeflater } from "../../lib/frame/connection/message_deflater.ts";
import {
  type InflateFault,
  MessageInflater,
} from "../../lib/frame/connection/message_inflater.ts";
import { zlibStreamsWork } from "../../lib/runtime/zlib_stream.ts";
import { type Bytes, concat, toBytes } from "../conformance/wire.ts";

const LIMIT = 100_000;

const use = fc.record({
  maxWindowBits: fc.option(fc.integer({ min: 8, max: 15 }), { nil: undefined }),
  noContextTakeover: fc.boolean(),
});

const payload = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.nat(2000))
    .map(([unit, times]) => concat(...new Array(times).fill(unit))),
).map((bytes) => Uint8Array.from(bytes));

/** Messages in fragments. */
const messages = fc.array(
  fc.array(payload, { minLength: 1, maxLength: 4 }),
  { maxLength: 6 },
);

/** Inflates a piece, in as many slices as needed. */
function push(
  inflater: MessageInflater,
  opcode: number,
  deflated: Bytes,
  start: number,
  end: number,
  final: boolean,
): InflateFault | undefined {
  let fault = inflater.push(opcode, deflated, start, end, final);
  while (fault === "more") {
    inflater.keep();
    fault = inflater.resume(deflated, end, final);
  }
  return fault;
}

/** Inflates a message in pieces of a size; returns it, or the code of its fault. */
function inflate(
  inflater: MessageInflater,
  opcode: number,
  deflated: Bytes,
  size: number,
): Bytes | number {
  for (let at = 0;; at += size) {
    const end = Math.min(at + size, deflated.length);
    const final = end === deflated.length;
    const fault = push(inflater, opcode, deflated, at, end, final);
    if (fault !== undefined) return fault.code;
    if (!final) inflater.keep();
    else {
      const { length } = inflater;
      return inflater.take().slice(0, length);
    }
  }
}

Deno.test("zlibStreamsWork() is true in this runtime", () => {
  assert(zlibStreamsWork());
});

Deno.test("MessageInflater inflates any deflated messages, in any fragments and pieces", () => {
  const size = fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 50 }));
  fc.assert(
    fc.property(use, messages, size, (use, messages, size) => {
      const deflater = new MessageDeflater(use);
      const inflater = new MessageInflater(use, Infinity);
      for (const fragments of messages) {
        const deflated = concat(
          ...fragments.map((fragment, i) =>
            deflater.deflate(fragment, i === fragments.length - 1).slice()
          ),
        );
        assert(deflated.length > 0);
        assertEquals(
          inflate(inflater, 2, deflated, size),
          concat(...fragments),
        );
      }
      deflater.free();
      inflater.free();
    }),
    { numRuns: 500 },
  );
});

Deno.test("MessageInflater gives a message within the limit or a fault for any bytes", () => {
  const size = fc.integer({ min: 1, max: 50 });
  const opcode = fc.constantFrom(1, 2);
  const bytes = fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 5 });
  fc.assert(
    fc.property(bytes, size, opcode, (all, size, opcode) => {
      const use = { maxWindowBits: undefined, noContextTakeover: false };
      const inflater = new MessageInflater(use, LIMIT);
      for (const bytes of all) {
        const got = inflate(inflater, opcode, Uint8Array.from(bytes), size);
        if (typeof got === "number") {
          assert(got === 1007 || got === 1009);
          break;
        }
        assert(got.length <= LIMIT);
        if (opcode === 1) {
          new TextDecoder("utf-8", { fatal: true }).decode(got);
        }
      }
      inflater.free();
    }),
    { numRuns: 3000 },
  );
});

Deno.test("MessageInflater keeps messages of two connections apart", () => {
  const use = { maxWindowBits: undefined, noContextTakeover: true };
  const deflater = new MessageDeflater(use);
  const texts = ["a".repeat(5000), "b".repeat(300_000)].map(toBytes);
  const deflated = texts.map((text) => deflater.deflate(text, true).slice());
  const inflaters = texts.map(() => new MessageInflater(use, 300_000));
  for (let round = 0; round < 2; round++) {
    for (const [i, inflater] of inflaters.entries()) {
      const half = deflated[i]!.length >> 1;
      assertEquals(push(inflater, 1, deflated[i]!, 0, half, false), undefined);
      inflater.keep();
    }
    for (const [i, inflater] of inflaters.entries()) {
      const { length } = deflated[i]!;
      const half = length >> 1;
      assertEquals(
        push(inflater, 1, deflated[i]!, half, length, true),
        undefined,
      );
      const count = inflater.length;
      assertEquals(inflater.take().subarray(0, count), texts[i]);
    }
  }
});
