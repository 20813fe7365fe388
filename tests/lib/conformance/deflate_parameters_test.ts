import { assertEquals } from "@std/assert";
import {
  acceptDeflate,
  deflateOffers,
  type DeflateParameters,
  readDeflateResponse,
} from "../../../lib/conformance/case/deflate_parameters.ts";
import { caseById } from "../../../lib/conformance/cases.ts";
import { parseExtensions } from "../../../lib/frame/codec/extensions.ts";

/** The parameters of a case of family 12 or 13. */
function parametersOf(id: string): DeflateParameters {
  const { program } = caseById(id)!;
  if (program.kind !== "round trips") throw new TypeError(id);
  return program.deflate!;
}

const CLIENT = "permessage-deflate; client_no_context_takeover; " +
  "client_max_window_bits";

for (
  const [id, offers] of [
    ["12.1.1", CLIENT],
    ["13.1.1", CLIENT],
    ["13.2.1", `${CLIENT}; server_no_context_takeover`],
    ["13.3.1", `${CLIENT}; server_max_window_bits=9`],
    ["13.4.1", `${CLIENT}; server_max_window_bits=15`],
    [
      "13.5.1",
      `${CLIENT}; server_no_context_takeover; server_max_window_bits=9`,
    ],
    [
      "13.6.1",
      `${CLIENT}; server_no_context_takeover; server_max_window_bits=15`,
    ],
    [
      "13.7.1",
      `${CLIENT}; server_no_context_takeover; server_max_window_bits=9, ` +
      `${CLIENT}; server_no_context_takeover, ${CLIENT}`,
    ],
  ] as const
) {
  Deno.test(`${id} offers ${offers}`, () => {
    assertEquals(deflateOffers(parametersOf(id)), offers);
  });
}

/** The response to an offer. */
function responseTo(offer: string, id: string): string | undefined {
  return acceptDeflate(parseExtensions(offer)!, parametersOf(id))?.response;
}

const ALL = "permessage-deflate; client_max_window_bits";

for (
  const [id, parameters] of [
    ["12.1.1", ""],
    ["13.1.1", ""],
    ["13.2.1", "; client_no_context_takeover"],
    ["13.3.1", "; client_max_window_bits=9"],
    ["13.4.1", "; client_max_window_bits=15"],
    ["13.5.1", "; client_no_context_takeover; client_max_window_bits=9"],
    ["13.6.1", "; client_no_context_takeover; client_max_window_bits=15"],
    ["13.7.1", "; client_no_context_takeover; client_max_window_bits=9"],
  ] as const
) {
  Deno.test(`${id} accepts an offer of every parameter`, () => {
    assertEquals(responseTo(ALL, id), `permessage-deflate${parameters}`);
  });
}

Deno.test("cases that limit the client's window need its offer", () => {
  const accepted = ["12.1.1", ...[1, 2, 3, 4, 5, 6, 7].map((n) => `13.${n}.1`)]
    .filter((id) => responseTo("permessage-deflate", id) !== undefined);
  assertEquals(accepted, ["12.1.1", "13.1.1", "13.2.1", "13.7.1"]);
});

Deno.test("13.7 takes the second request if the first one is not possible", () => {
  assertEquals(
    responseTo("permessage-deflate", "13.7.1"),
    "permessage-deflate; client_no_context_takeover",
  );
});

Deno.test("13.3 takes the first offer that has the window", () => {
  const offers = `permessage-deflate; server_no_context_takeover, ${ALL}; ` +
    "server_max_window_bits=10";
  assertEquals(
    responseTo(offers, "13.3.1"),
    "permessage-deflate; server_max_window_bits=10; client_max_window_bits=9",
  );
});

Deno.test("acceptDeflate() grants the client's requests", () => {
  const offer = `${ALL}; server_no_context_takeover; server_max_window_bits=9`;
  assertEquals(
    acceptDeflate(parseExtensions(offer)!, parametersOf("13.1.1")),
    {
      agreement: {
        serverNoContextTakeover: true,
        clientNoContextTakeover: false,
        serverMaxWindowBits: 9,
        clientMaxWindowBits: undefined,
      },
      response: "permessage-deflate; server_no_context_takeover; " +
        "server_max_window_bits=9",
    },
  );
});

for (
  const offer of [
    "x-webkit-deflate-frame",
    "permessage-deflate; unknown",
    "permessage-deflate; server_max_window_bits=16",
    "permessage-deflate; client_no_context_takeover=1",
    "permessage-deflate; client_max_window_bits; client_max_window_bits",
  ]
) {
  Deno.test(`acceptDeflate() declines ${offer}`, () => {
    assertEquals(responseTo(offer, "12.1.1"), undefined);
  });
}

Deno.test("readDeflateResponse() reads the agreement", () => {
  const response = "permessage-deflate; server_no_context_takeover; " +
    "server_max_window_bits=10; client_max_window_bits=9";
  assertEquals(readDeflateResponse(parseExtensions(response)!), {
    serverNoContextTakeover: true,
    clientNoContextTakeover: false,
    serverMaxWindowBits: 10,
    clientMaxWindowBits: 9,
  });
});

Deno.test("readDeflateResponse() is undefined without permessage-deflate", () => {
  assertEquals(readDeflateResponse([]), undefined);
  assertEquals(readDeflateResponse(parseExtensions("other")!), undefined);
});
