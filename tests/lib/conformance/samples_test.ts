import { assert, assertEquals } from "@std/assert";
import { deflateRawSync } from "node:zlib";
import type { SampleName } from "../../../lib/conformance/case/case.ts";
import { sampleBytes, SAMPLES } from "../../../lib/conformance/case/samples.ts";

/** The share of its size that each sample has when it is compressed. */
const SHARES: Readonly<Record<SampleName, readonly [number, number]>> = {
  json: [0.05, 0.25],
  bitmap: [0.7, 0.95],
  german: [0.25, 0.5],
  html: [0.05, 0.25],
  pdf: [0.95, 1],
};

for (const name of Object.keys(SAMPLES) as SampleName[]) {
  const { length, opcode } = SAMPLES[name];

  Deno.test(`the sample ${name} has ${length} bytes`, () => {
    assertEquals(sampleBytes(name).length, length);
  });

  Deno.test(`the sample ${name} compresses as its kind does`, () => {
    const bytes = sampleBytes(name);
    const share = deflateRawSync(bytes).length / length;
    const [least, most] = SHARES[name];
    assert(share >= least && share <= most, `${share}`);
    // A stretch of zeros would make the last messages of a case easier.
    const end = bytes.subarray(-1024);
    assert(new Set(end).size > 4);
  });

  if (opcode === "text") {
    Deno.test(`the sample ${name} can be cut anywhere`, () => {
      assert(sampleBytes(name).every((byte) => byte < 0x80));
    });
  }
}
