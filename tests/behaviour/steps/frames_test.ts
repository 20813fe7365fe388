import { assertEquals } from "@std/assert";
import { FAULTS } from "../../../handlers/script/faults/table.ts";
import { FRAME_STEPS } from "../../../handlers/script/steps/frames.ts";
import {
  backReference,
  bomb,
} from "../../../handlers/script/steps/compress.ts";
import { STEPS } from "../../../handlers/script/steps/table.ts";
import { RawClient } from "../../integration/support/raw.ts";
import { suite } from "../../integration/support/suite.ts";
import { handshake } from "../../integration/support/wire.ts";
import { play } from "./bytes.ts";

/** Offers compression. */
const OFFER = { "Sec-WebSocket-Extensions": "permessage-deflate" };

/** The hex of a text. */
function hex(text: string): string {
  return new TextEncoder().encode(text).toHex();
}

/** A 16-bit length as hex. */
function length16(bytes: number): string {
  return bytes.toString(16).padStart(4, "0");
}

/** Plans whose bytes after the 101 are known, and end with FIN. */
const BYTES: readonly (readonly [plan: string, hex: string])[] = [
  ["text:hello", `8105${hex("hello")}`],
  ["text:%E2%82%AC", "8103e282ac"],
  ["binary:00ff", "820200ff"],
  ["binary:3:61", "8203616161"],
  ["size:5", "81056161616161"],
  ["burst:2:3", "82036161618203616161"],
  ["fragments:3:hello", "0101680002656c80026c6f"],
  ["fragments:3:a", "01000000800161"],
  ["ping:42", "89023432"],
  ["pong", "8a00"],
  ["pong:42", "8a023432"],
  ["frame:1:fin+rsv2:68", "a10168"],
  ["frame:2:none:68", "020168"],
  ["frame:2:fin+length16:68", "827e000168"],
  ["frame:2:fin+length64:68", "827f000000000000000168"],
  ["frame:1:fin+masked:68656c6c6f", "818537fa213d5f9f4d5158"],
  ["continuation:hello", `8005${hex("hello")}`],
  ["raw:8a00", "8a00"],
  ["raw:3:8a", "8a8a8a"],
  ["raw-text:HTTP%2F1.1%20200%20OK", hex("HTTP/1.1 200 OK")],
  ["deflate/compressed:hello", "c107ca48cdc9c90700"],
  ["deflate/bomb:1", bombFrame()],
  ["deflate:9/back-reference:2000", backReferenceFrame()],
  ["show-field:x-missing:no", "81026e6f"],
  ["show-query", "8100"],
  ["show-subprotocol", "8100"],
  ["close:1001:bye", "880503e9627965"],
  ["close", "8800"],
  ["close:1006", "880203ee"],
  ["half-close", ""],
];

function bombFrame(): string {
  const data = bomb(1);
  return `c27e${length16(data.length)}${data.toHex()}`;
}

function backReferenceFrame(): string {
  const data = backReference(2000);
  return `c17e${length16(data.length)}${data.toHex()}`;
}

const HELLO = hex("hello");

/** Bytes that are no frame. */
const TEXT = "hello, world\n".repeat(8);

/** The bytes of named plans after the 101. */
const FAULT_BYTES: Readonly<Record<string, string>> = {
  "masked-frame": "828537fa213d5f9f4d5158",
  "rsv1": `c105${HELLO}`,
  "rsv2": `a105${HELLO}`,
  "rsv3": `9105${HELLO}`,
  ...Object.fromEntries(
    [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode) => [
      `opcode-${opcode}`,
      `${(0x80 + opcode).toString(16)}05${HELLO}`,
    ]),
  ),
  "fragmented-close": "080203e8",
  "fragmented-ping": "090168",
  "fragmented-pong": "0a0168",
  "long-close": `887e007e03e8${"61".repeat(124)}`,
  "long-ping": `897e007e${"61".repeat(126)}`,
  "long-pong": `8a7e007e${"61".repeat(126)}`,
  "stray-continuation": `8005${HELLO}`,
  "interleaved-message": "0102686581036c6c6f",
  "unfinished-message": "01026865",
  "length-16-not-shortest": `817e0005${HELLO}`,
  "length-64-not-shortest": `817f0000000000000005${HELLO}`,
  "length-2-63": "827f8000000000000000",
  "length-2-62": "827f4000000000000000",
  "truncated-frame": "810568656c",
  "cut-frame": "810568656c",
  "http-instead-of-frames": hex(
    `HTTP/1.1 500 Internal Server Error\r\nContent-Length: 104\r\n\r\n${TEXT}`,
  ),
  "text-instead-of-frames": hex(TEXT),
  "invalid-utf8": "8114cebae1bdb9cf83cebcceb5eda080656469746564",
  "invalid-utf8-at-seam": "010261c3800128",
  "invalid-utf8-in-first-fragment": "0101ff800161",
  "cut-code-point": "810361e282",
  "split-code-point": "010261e2800282ac",
  "overlong-utf8": "8102c0af",
  "close-one-byte": "880103",
  ...Object.fromEntries(
    [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535].map((code) => [
      `close-${code}`,
      `8802${length16(code)}`,
    ]),
  ),
  "close-invalid-utf8": "880503e8ceba80",
  "frame-after-close": `880203e88104${hex("late")}`,
  "ping-after-close": `880203e88904${hex("late")}`,
  "two-closes": "880203e8880203e9",
  "compressed-without-agreement": "c107ca48cdc9c90700",
  "corrupt-deflate": "c104ffffffff",
  "deflate-bomb": "c27f",
  "deflate-bfinal": "c108cb48cdc9c9070000",
  "deflate-tail-kept": "c10bca48cdc9c907000000ffff",
  "rsv1-on-continuation": "4103ca48cdc004c9c90700",
  "compressed-ping": "c907ca48cdc9c90700",
  "compressed-close": "c80203e8",
  "window-exceeded": backReferenceFrame(),
  "glued-frames": `8105${HELLO}890131`,
  "byte-by-byte": `8105${HELLO}880203e8`,
  "fin-without-close": "",
  "half-close": "",
  "close-and-cut": "880203e9",
  "tcp-left-open": "880203e8",
};

suite("frame listener: the bytes of each step", {}, async (server, step) => {
  const at = server.address("frame");

  for (const [plan, bytes] of BYTES) {
    await step(`${plan} sends its bytes`, async () => {
      const end = plan.startsWith("half-close") ? "" : "/abort";
      const path = `/do/${plan}${end}`;
      if (end === "") {
        using client = await RawClient.upgrade(at, path, OFFER);
        assertEquals((await client.end()).toHex(), bytes);
        return;
      }
      const { status, rest } = await play(at, path, OFFER);
      assertEquals([status, rest], [
        "HTTP/1.1 101 Switching Protocols",
        bytes,
      ]);
    });
  }

  for (const [name, bytes] of Object.entries(FAULT_BYTES)) {
    await step(`/fault/${name} sends its bytes`, async () => {
      using client = await RawClient.upgrade(at, `/fault/${name}`, OFFER);
      const received = await client.bytes(bytes.length / 2);
      assertEquals(received.toHex(), bytes);
    });
  }

  await step("a named plan that is unknown is answered with 404", async () => {
    using client = await RawClient.connect(at, handshake("/fault/none"));
    const { status, body } = await client.response();
    assertEquals([status, body], [
      404,
      "There is no such fault; GET /faults lists them.\n",
    ]);
  });
});

Deno.test("each step that sends has bytes in the tests", () => {
  const tested = BYTES.map(([plan]) => plan).join("/").split("/")
    .map((text) => text.split(":")[0]);
  // Their texts depend on the request or on the time: messages_test.ts.
  const sending = STEPS.filter(({ sends, name }) =>
    sends && !["info", "show-time"].includes(name)
  )
    .map(({ name }) => name);
  assertEquals(sending.filter((name) => !tested.includes(name)), []);
  const frames = FRAME_STEPS.map(({ name }) => name);
  assertEquals(frames.filter((name) => !tested.includes(name)), []);
});

Deno.test("each named plan that sends frames has bytes in the tests", () => {
  const untested = [...FAULTS.keys()].filter((name) => !(name in FAULT_BYTES));
  assertEquals(
    untested.sort(),
    [
      // Their 101 is tested in handshake_test.ts.
      "body-on-101",
      "extension-not-offered",
      "extension-twice",
      "http-1.0",
      "junk-before-status",
      "no-accept",
      "no-answer",
      "no-connection",
      "no-upgrade",
      "subprotocol-case",
      "subprotocol-mirrored",
      "subprotocol-not-offered",
      "subprotocol-twice",
      "two-accepts",
      "unknown-extension-parameter",
      "window-bits-0",
      "window-bits-16",
      "window-bits-7",
      "wrong-accept",
      "wrong-connection",
      "wrong-upgrade",
      // Their reactions are tested in settings_test.ts.
      "close-not-answered",
      "crossing-closes",
      "cut-on-close",
      "no-pong",
      "reset-without-close",
      "silence",
      "wrong-pong",
    ].sort(),
  );
});
