import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  agreeOnDeflate,
  deflateResponse,
} from "../../../../lib/frame/codec/deflate_offer.ts";
import { parseExtensions } from "../../../../lib/frame/codec/extensions.ts";

/** The response to a field, or `undefined`. */
function answerTo(field: string): string | undefined {
  const agreement = agreeOnDeflate(parseExtensions(field)!);
  return agreement && deflateResponse(agreement);
}

const NAME = "permessage-deflate";

const ANSWERS: readonly [offer: string, answer: string][] = [
  ["", ""],
  ["server_no_context_takeover", "server_no_context_takeover"],
  ["client_no_context_takeover", "client_no_context_takeover"],
  ["client_max_window_bits", ""],
  ["client_max_window_bits=8", "client_max_window_bits=8"],
  ["client_max_window_bits=15", "client_max_window_bits=15"],
  ["server_max_window_bits=8", "server_max_window_bits=8"],
  ["server_max_window_bits=15", "server_max_window_bits=15"],
  ['server_max_window_bits="10"', "server_max_window_bits=10"],
  [
    "client_max_window_bits=9; server_max_window_bits=12; client_no_context_takeover; server_no_context_takeover",
    "server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12; client_max_window_bits=9",
  ],
];

for (const [offer, answer] of ANSWERS) {
  const full = [NAME, offer].filter(Boolean).join("; ");
  Deno.test(`agreeOnDeflate() accepts "${full}"`, () => {
    assertEquals(answerTo(full), [NAME, answer].filter(Boolean).join("; "));
  });
}

const DECLINED = [
  "unknown",
  "unknown=1",
  "server_no_context_takeover=1",
  "client_no_context_takeover=true",
  "server_max_window_bits",
  "SERVER_NO_CONTEXT_TAKEOVER",
  "server_no_context_takeover; server_no_context_takeover",
  "client_max_window_bits; client_max_window_bits",
  "client_max_window_bits=10; client_max_window_bits=10",
  "server_max_window_bits=10; server_max_window_bits=12",
  "client_no_context_takeover; unknown",
  ...["0", "7", "16", "08", "010", "1e1", "+9", "-9", "9.0", "x", "100"]
    .flatMap((value) => [
      `server_max_window_bits=${value}`,
      `client_max_window_bits=${value}`,
    ]),
];

for (const offer of DECLINED) {
  Deno.test(`agreeOnDeflate() declines "${NAME}; ${offer}", and accepts the next offer`, () => {
    assertEquals(answerTo(`${NAME}; ${offer}`), undefined);
    assertEquals(
      answerTo(`${NAME}; ${offer}, ${NAME}; client_no_context_takeover`),
      `${NAME}; client_no_context_takeover`,
    );
  });
}

Deno.test("agreeOnDeflate() accepts the first valid offer", () => {
  assertEquals(
    answerTo(
      `x-other, ${NAME}; server_max_window_bits=10, ${NAME}; server_max_window_bits=9`,
    ),
    `${NAME}; server_max_window_bits=10`,
  );
});

for (const field of ["", "x-webkit-deflate-frame", "permessage-bzip2; a=1"]) {
  Deno.test(`agreeOnDeflate() declines all of "${field}"`, () => {
    assertEquals(answerTo(field), undefined);
  });
}

const bits = fc.integer({ min: 8, max: 15 });

const parameters = fc.record({
  server_no_context_takeover: fc.constant<true>(true),
  client_no_context_takeover: fc.constant<true>(true),
  server_max_window_bits: bits.map(String),
  client_max_window_bits: fc.oneof(bits.map(String), fc.constant<true>(true)),
}, { requiredKeys: [] }).chain((all) =>
  fc.shuffledSubarray(Object.entries(all), {
    minLength: Object.keys(all).length,
  })
);

Deno.test("agreeOnDeflate() gives a response that RFC 7692 §7.1 allows, for any offers", () => {
  fc.assert(
    fc.property(parameters, (parameters) => {
      const offer = new Map(parameters);
      const agreement = agreeOnDeflate([{ name: NAME, parameters }]);
      if (agreement === undefined) throw new Error("it was declined");
      const [answer] = parseExtensions(deflateResponse(agreement))!;
      const answered = new Map(answer!.parameters);
      assertEquals(answered.size, answer!.parameters.length);
      for (const [name, value] of answered) {
        assert(offer.has(name), "it was offered");
        const offered = offer.get(name);
        if (name.endsWith("bits")) {
          assert(Number(value) <= Number(offered === true ? 15 : offered));
        } else assertEquals(value, true);
      }
      for (const [name, value] of offer) {
        const must = name.startsWith("server") ||
          name === "client_no_context_takeover" || value !== true;
        assertEquals(answered.has(name), must, name);
      }
    }),
    { numRuns: 2000 },
  );
});
