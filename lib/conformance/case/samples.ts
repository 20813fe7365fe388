/**
 * The payloads of families 12 and 13: as long and about as compressible as the files that
 * the suite uses, and the same in every run.
 *
 * @module
 */

import type { SampleName } from "./case.ts";

/** A payload that messages are cut from. */
export interface Sample {
  /** Its kind, for descriptions. */
  readonly title: string;
  /** Type of the messages; a text has ASCII only, so that it can be cut anywhere. */
  readonly opcode: "text" | "binary";
  /** Bytes. */
  readonly length: number;
}

/** The samples by name. */
export const SAMPLES: Readonly<Record<SampleName, Sample>> = {
  json: { title: "JSON", opcode: "text", length: 194_056 },
  bitmap: { title: "a grey bitmap", opcode: "binary", length: 263_222 },
  german: { title: "German verse", opcode: "binary", length: 222_218 },
  html: { title: "HTML", opcode: "text", length: 263_527 },
  pdf: { title: "a PDF", opcode: "binary", length: 1_042_328 },
};

const MAKERS: Readonly<Record<SampleName, (length: number) => Uint8Array>> = {
  json: (length) => ascii(length, record),
  bitmap,
  german,
  html: (length) => ascii(length, row),
  pdf,
};

const made = new Map<SampleName, Uint8Array>();

/**
 * Returns the bytes of a sample; they are made once.
 *
 * @param name of the sample
 */
export function sampleBytes(name: SampleName): Uint8Array {
  const before = made.get(name);
  if (before !== undefined) return before;
  const bytes = MAKERS[name](SAMPLES[name].length);
  made.set(name, bytes);
  return bytes;
}

/** Makes random numbers below a limit (xorshift32), the same in every run. */
function randomNumbers(): (limit: number) => number {
  let state = 0x2545f491;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

type Random = (limit: number) => number;

const WORDS = [
  ..."alpha bravo charlie delta echo foxtrot golf hotel india".split(" "),
  ..."juliett kilo lima mike november oscar papa quebec romeo".split(" "),
  ..."sierra tango uniform victor whiskey xray yankee zulu".split(" "),
];

function pick<T>(random: Random, list: readonly T[]): T {
  return list[random(list.length)]!;
}

/** Joins lines up to a length. */
function ascii(
  length: number,
  line: (random: Random, n: number) => string,
): Uint8Array {
  const random = randomNumbers();
  const bytes = new Uint8Array(length);
  const encoder = new TextEncoder();
  for (let at = 0, n = 0; at < length; n++) {
    at += encoder.encodeInto(line(random, n), bytes.subarray(at)).written;
  }
  return bytes;
}

/** A record of a list in JSON, indented. */
function record(random: Random, n: number): string {
  const fields = {
    id: n,
    guid: random(2 ** 31).toString(16),
    isActive: random(2) === 0,
    name: `${pick(random, WORDS)} ${pick(random, WORDS)}`,
    latitude: random(180_000) / 1000 - 90,
    tags: [pick(random, WORDS), pick(random, WORDS), pick(random, WORDS)],
    friends: [0, 1].map((id) => ({ id, name: pick(random, WORDS) })),
  };
  return JSON.stringify(fields, undefined, 4) + ",\n";
}

/** A row of a table in HTML. */
function row(random: Random, n: number): string {
  const cell = pick(random, WORDS);
  return `<tr class="row"><td class="number">${n}</td>` +
    `<td class="name"><a href="/${cell}/${random(10_000)}">${cell}</a></td>` +
    `<td class="result ${random(3) === 0 ? "failed" : "passed"}">` +
    `${random(1000)} ms</td></tr>\n`;
}

/** The header of a bitmap with 256 greys, and waves with noise as its pixels. */
function bitmap(length: number): Uint8Array {
  const random = randomNumbers();
  const bytes = new Uint8Array(length);
  const header = length - 512 * 512;
  bytes.set([0x42, 0x4d]);
  for (let grey = 0; grey < 256; grey++) {
    bytes.fill(grey, 54 + 4 * grey, Math.min(57 + 4 * grey, header));
  }
  for (let i = 0; i < 512 * 512; i++) {
    const wave = Math.sin((i % 512) / 40) + Math.cos((i >> 9) / 60);
    bytes[header + i] = 128 + 50 * wave + random(12);
  }
  return bytes;
}

const SYLLABLES = [
  ..."die der und ein ich ge ver be zu sich mit an auf nicht dem wie".split(
    " ",
  ),
  ..."sch licht wort geist nacht welt macht lie ben her zen su chen".split(" "),
  ..."für über grün schön süß möch te wür de könn ten träu me weiß".split(" "),
];

/** Lines of German syllables. */
function german(length: number): Uint8Array {
  const encoder = new TextEncoder();
  const random = randomNumbers();
  const bytes = new Uint8Array(length).fill(0x0a);
  for (let at = 0; at < length;) {
    let line = "";
    for (let i = 4 + random(4); i > 0; i--) {
      line += pick(random, SYLLABLES);
      line += random(3) === 0 ? pick(random, SYLLABLES) : "";
      line += i === 1 ? ",\r\n" : " ";
    }
    const { written } = encoder.encodeInto(line, bytes.subarray(at));
    if (written === 0) break;
    at += written;
  }
  return bytes;
}

/** Objects of a PDF: a dictionary, and a stream that is compressed already. */
function pdf(length: number): Uint8Array {
  const encoder = new TextEncoder();
  const random = randomNumbers();
  const bytes = new Uint8Array(length);
  for (let at = 0, n = 1; at < length; n++) {
    const size = 2000 + random(6000);
    const dictionary = `endstream\nendobj\n${n} 0 obj\n<< /Length ${size} ` +
      "/Filter /FlateDecode >>\nstream\n";
    at += encoder.encodeInto(dictionary, bytes.subarray(at)).written;
    const end = Math.min(at + size, length);
    while (at < end) bytes[at++] = random(256);
  }
  return bytes;
}
