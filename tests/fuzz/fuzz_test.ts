import { assert, assertEquals } from "@std/assert";
import { fuzz } from "./fuzz.ts";
import { minimised, mutate } from "./mutate.ts";
import { Random } from "./random.ts";
import { TARGETS } from "./targets.ts";

/** Inputs of each target in a test; `deno task fuzz` takes a minute for each. */
const INPUTS = 3000;

for (const target of TARGETS) {
  Deno.test(`fuzz: ${target.name}`, () => {
    let left = INPUTS;
    const failure = fuzz(target, 1, () => left-- > 0);
    if (failure !== undefined) {
      throw new Error(`input (hex): ${failure.input.toHex()}`, {
        cause: failure.error,
      });
    }
  });
}

Deno.test("fuzz() gives the same inputs for the same seed", () => {
  const inputs = (seed: number) => {
    const seen: string[] = [];
    fuzz(TARGETS[0]!, seed, (input) => seen.push(input.toHex()) < 200);
    return seen;
  };
  assertEquals(inputs(7), inputs(7));
  assert(inputs(7).join() !== inputs(8).join());
});

Deno.test("fuzz() finds a fault, and a short input that shows it", () => {
  const failure = fuzz(
    {
      name: "no three commas",
      seeds: [new TextEncoder().encode("some, text")],
      check(input) {
        const commas = input.filter((byte) => byte === 0x2c).length;
        if (commas >= 3) throw new Error(`${commas} commas`);
      },
    },
    1,
    () => true,
  );
  assertEquals(new TextDecoder().decode(failure?.input), ",,,");
});

Deno.test("minimised() keeps what makes an input fail", () => {
  const bytes = Uint8Array.from({ length: 100 }, (_, i) => i);
  const fails = (input: Uint8Array) => input.includes(7) && input.includes(90);
  assertEquals([...minimised(bytes, fails)], [7, 90]);
});

Deno.test("mutate() keeps inputs short", () => {
  const random = new Random(3);
  let bytes = new Uint8Array(2000);
  for (let i = 0; i < 1000; i++) {
    bytes = new Uint8Array(mutate(bytes, random, [bytes]));
    assert(bytes.length <= 2048);
    if (bytes.length < 1000) bytes = new Uint8Array(2000);
  }
});
