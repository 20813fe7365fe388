import { assert, assertEquals, assertFalse } from "@std/assert";
import {
  type Parameter,
  PARAMETERS,
} from "../../../../handlers/script/query/parameters.ts";
import { parseBehaviour } from "../../../../handlers/script/query/parse.ts";
import type { ListenerName } from "../../../../lib/websocket.ts";

/** Parses a valid query. */
function behaviourOf(query: string, listener: ListenerName = "frame") {
  const parsed = parseBehaviour(new URLSearchParams(query), listener);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.behaviour;
}

/** Parses an invalid query. */
function refusalOf(query: string, listener: ListenerName = "frame") {
  const parsed = parseBehaviour(new URLSearchParams(query), listener);
  if (parsed.ok) throw new Error(`${query} is accepted`);
  return parsed;
}

for (
  const [query, behaviour] of [
    ["", {}],
    ["delay=0", { delay: 0 }],
    ["delay=3600000", { delay: 3_600_000 }],
    ["delay=007", { delay: 7 }],
    ["delay=200&jitter=300", { delay: 200, jitter: 300 }],
    ["hello=", { hello: "" }],
    ["hello=a%20b+c%C3%A4", { hello: "a b cä" }],
    [`hello=${"ä".repeat(512)}`, { hello: "ä".repeat(512) }],
    ["close=1000&reason=&after=0", { close: 1000, reason: "", after: 0 }],
    ["in=5&close=4999", { in: 5, close: 4999 }],
    ["abort=1&after=2", { abort: true, after: 2 }],
    ["close=1001&abort=1", { close: 1001, abort: true }],
    ["mute=1&stall=1", { mute: true, stall: true }],
    ["compression=off", { compression: "off" }],
    ["subprotocol=v1.mqtt", { subprotocol: "v1.mqtt" }],
    ["reject=200", { reject: 200 }],
  ] as const
) {
  const title = query.slice(0, 40);
  Deno.test(`parseBehaviour() reads "${title}"`, () => {
    assertEquals(behaviourOf(query), behaviour);
  });
}

const NAMES = PARAMETERS.map(({ name }) => name).join(", ");

for (
  const [query, parameter, message] of [
    ["dely=5", "dely", `"dely" is unknown; the parameters are ${NAMES}.`],
    ["DELAY=5", "DELAY", `"DELAY" is unknown; the parameters are ${NAMES}.`],
    ["=5", "", `"" is unknown; the parameters are ${NAMES}.`],
    [
      "__proto__=5",
      "__proto__",
      `"__proto__" is unknown; the parameters are ${NAMES}.`,
    ],
    ["delay=1&delay=1", "delay", "delay is given twice; it is allowed once."],
    ["delay", "delay", "delay= is not valid; allowed: 0 to 3600000 ms."],
    ["delay=abc", "delay", "delay=abc is not valid; allowed: 0 to 3600000 ms."],
    ["delay=-1", "delay", "delay=-1 is not valid; allowed: 0 to 3600000 ms."],
    ["delay=1.5", "delay", "delay=1.5 is not valid; allowed: 0 to 3600000 ms."],
    ["delay=1e3", "delay", "delay=1e3 is not valid; allowed: 0 to 3600000 ms."],
    ["delay=%205", "delay", "delay= 5 is not valid; allowed: 0 to 3600000 ms."],
    [
      "delay=3600001",
      "delay",
      "delay=3600001 is not valid; allowed: 0 to 3600000 ms.",
    ],
    ["tick=9", "tick", "tick=9 is not valid; allowed: 10 to 3600000 ms."],
    ["ping=0", "ping", "ping=0 is not valid; allowed: 10 to 3600000 ms."],
    [
      "fragment=0",
      "fragment",
      "fragment=0 is not valid; allowed: 1 to 16777216 bytes.",
    ],
    ["mute=0", "mute", "mute=0 is not valid; allowed: 1."],
    ["mute=yes", "mute", "mute=yes is not valid; allowed: 1."],
    [
      "compression=on",
      "compression",
      "compression=on is not valid; allowed: off.",
    ],
    ["reject=101", "reject", "reject=101 is not valid; allowed: 200 to 599."],
    [
      "close=1005",
      "close",
      "close=1005 is not valid; allowed: 1000 to 1003, 1007 to 1014, 3000 to 4999.",
    ],
    [
      "close=1006",
      "close",
      "close=1006 is not valid; allowed: 1000 to 1003, 1007 to 1014, 3000 to 4999; use abort=1 for an end without a CLOSE, which clients report as 1006.",
    ],
    [
      "close=1015",
      "close",
      "close=1015 is not valid; allowed: 1000 to 1003, 1007 to 1014, 3000 to 4999.",
    ],
    ["reason=bye", "reason", "reason=bye needs close as well."],
    [
      "reason=bye&abort=1",
      "reason",
      "reason=bye needs close as well.",
    ],
    ["after=3", "after", "after=3 needs close or abort as well."],
    ["in=3&tick=10", "in", "in=3 needs close or abort as well."],
    [
      "stall=1&close=1000&after=1",
      "after",
      "after=1 has no effect with stall.",
    ],
    [
      "subprotocol=a%20b",
      "subprotocol",
      "subprotocol=a b is not valid; allowed: a token of at most 128 characters.",
    ],
    [
      "subprotocol=",
      "subprotocol",
      "subprotocol= is not valid; allowed: a token of at most 128 characters.",
    ],
    [
      "subprotocol=a%0D%0Ax:y",
      "subprotocol",
      "subprotocol=a\\r\\nx:y is not valid; allowed: a token of at most 128 characters.",
    ],
  ] as const
) {
  Deno.test(`parseBehaviour() names the invalid parameter of "${query}"`, () => {
    assertEquals(refusalOf(query), {
      ok: false,
      parameter,
      message,
      isForFrameListener: false,
    });
  });
}

Deno.test("parseBehaviour() limits a text by its bytes", () => {
  const { message } = refusalOf(`hello=${"ä".repeat(513)}`);
  assert(
    message.endsWith("… is not valid; allowed: a text of at most 1024 bytes."),
  );
  refusalOf(`close=1000&reason=${"x".repeat(124)}`);
  behaviourOf(`close=1000&reason=${"x".repeat(123)}`);
});

Deno.test("parseBehaviour() cuts names and values at 128 characters and escapes control characters", () => {
  for (
    const query of [
      `delay=%1b[31m${"x".repeat(10_000)}`,
      `%1b${"x".repeat(10_000)}=`,
    ]
  ) {
    const { message } = refusalOf(query);
    assertFalse(message.includes("\x1b"));
    assert(message.length < 500, message);
  }
});

for (
  const { name, listeners, needs, example }
    of PARAMETERS as readonly Parameter[]
) {
  if (listeners.includes("edge")) continue;
  Deno.test(`parseBehaviour() refers ${name} on the edge listener to the frame listener`, () => {
    assertEquals(needs, undefined);
    const text = new URLSearchParams(example).get(name)!;
    assertEquals(refusalOf(`${name}=${text}`, "edge"), {
      ok: false,
      parameter: name,
      message: `${name}=${text} works on the frame listener only`,
      isForFrameListener: true,
    });
  });
}
