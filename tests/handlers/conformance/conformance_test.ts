import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { conformanceRoutes } from "../../../handlers/conformance/conformance.ts";
import { connect, connectUnchecked } from "../../../lib/client/mod.ts";
import { CASES } from "../../../lib/conformance/cases.ts";
import { ResultStore } from "../../../lib/conformance/result_store.ts";
import type { Patterns } from "../../../lib/conformance/selection.ts";
import type { Service } from "../../../lib/listener/service.ts";
import { Router } from "../../../lib/routing/router.ts";
import { eventually, within } from "../../integration/support/within.ts";
import { testWith } from "../../permissions.ts";
import { listenBoth, serviceOf } from "../../service.ts";

/** A running service with the routes. */
interface Running extends AsyncDisposable {
  readonly results: ResultStore;
  readonly service: Service;
  /** The URL of the frame listener. */
  readonly url: string;
  /** The URL of the edge listener. */
  readonly edge: string;
}

function serve(selection?: Patterns): Running {
  const results = new ResultStore();
  const listeners: { name: "frame"; port: number }[] = [];
  const routes = conformanceRoutes({
    results,
    listeners: () => listeners,
    ...(selection && { selection }),
  });
  const service = serviceOf({ router: new Router(routes) });
  const both = listenBoth(service);
  listeners.push({ name: "frame", port: both.address.frame.port });
  return {
    results,
    service,
    url: `ws://127.0.0.1:${both.address.frame.port}`,
    edge: `ws://127.0.0.1:${both.address.edge.port}`,
    [Symbol.asyncDispose]: () => both[Symbol.asyncDispose](),
  };
}

/** A client that echoes; resolves with the texts before the end, and the close code. */
type Client = (url: string) => Promise<{
  readonly texts: readonly string[];
  readonly code: number;
}>;

/** The WebSocket of the runtime. */
const deno: Client = (url) =>
  new Promise((resolve) => {
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    const texts: string[] = [];
    socket.onmessage = ({ data }) => {
      if (typeof data === "string") texts.push(data);
      if (url.includes("/runCase")) socket.send(data);
    };
    socket.onerror = () => {};
    socket.onclose = ({ code }) => resolve({ texts, code });
  });

/** The package `ws`; it reads the environment when it is loaded. */
const ws: Client = async (url) => {
  const { WebSocket }: typeof import("ws-types") = await import("ws");
  const socket = new WebSocket(url, { maxPayload: 0 });
  const texts: string[] = [];
  socket.on("message", (data, isBinary) => {
    if (!isBinary) texts.push(String(data));
    if (url.includes("/runCase")) socket.send(data, { binary: isBinary });
  });
  socket.on("error", () => {});
  const code = await new Promise<number>((resolve) =>
    socket.on("close", resolve)
  );
  return { texts, code };
};

/** Runs all selected cases as the driver of a library does. */
async function drive(
  client: Client,
  url: string,
  selection: string,
): Promise<string[]> {
  const count = await client(`${url}/getCaseCount?${selection}`);
  const verdicts: string[] = [];
  for (let i = 1; i <= Number(count.texts[0]); i++) {
    const query = `case=${i}&agent=driver&${selection}`;
    await client(`${url}/runCase?${query}`);
    const { texts } = await client(`${url}/getCaseStatus?${query}`);
    verdicts.push(JSON.parse(texts[0]!).behavior);
  }
  await client(`${url}/updateReports?agent=driver`);
  return verdicts;
}

/** Verdicts of a case that a correct client may get, if it is not OK. */
const OTHER_VERDICTS: Readonly<Record<string, readonly string[]>> = {
  "7.1.6": ["INFORMATIONAL / INFORMATIONAL"],
  "7.13.1": ["INFORMATIONAL / INFORMATIONAL"],
  "7.13.2": ["INFORMATIONAL / INFORMATIONAL"],
};

/** The results that no correct client has. */
function wrong(results: ResultStore): string[] {
  return results.results("driver").filter((result) => {
    const { case: { id, program }, behavior, behaviorClose } = result;
    const verdict = `${behavior} / ${behaviorClose}`;
    const mayBeLess = program.kind === "exchange" &&
      program.nonStrict !== undefined;
    return verdict !== "OK / OK" &&
      !(mayBeLess && verdict === "NON-STRICT / OK") &&
      !OTHER_VERDICTS[id]?.includes(verdict);
  }).map(({ case: { id }, behavior, result, behaviorClose, resultClose }) =>
    `${id} ${behavior} ${result} ${behaviorClose} ${resultClose}`
  );
}

/** Cases without long waits. */
const SHORT = "exclude=6.4.*,9.*,12.*,13.*";

for (const [name, client] of [["Deno", deno], ["ws", ws]] as const) {
  testWith(
    { net: true, env: true },
    `a driver of ${name} runs the cases`,
    async () => {
      await using running = serve();
      const finished: string[] = [];
      running.results.onUpdate((agent) => finished.push(agent));
      const verdicts = await drive(client, running.url, SHORT);
      assertEquals(verdicts.length, 243);
      assertEquals(wrong(running.results), []);
      assertEquals(finished, ["driver"]);
      // Every connection has given its memory back.
      await eventually(() => running.service.memory.total === 0, "the memory");
    },
  );
}

testWith({ net: true, env: true }, "a driver of ws compresses", async () => {
  await using running = serve();
  const cases = [
    ...["12.1.4", "12.2.3", "12.3.2", "12.4.11", "12.5.1"],
    ...[1, 2, 3, 4, 5, 6, 7].map((n) => `13.${n}.3`),
  ];
  const verdicts = await drive(ws, running.url, `cases=${cases}`);
  assertEquals(verdicts, cases.map(() => "OK"));
  const { traffic } = running.results.get("driver", "12.1.4")!;
  assertEquals(traffic!.incoming.appLevel, 1_024_000);
  assertEquals(traffic!.outgoing.messages, 1000);
  assert(traffic!.outgoing.webSocketLevel < 1_024_000 / 2);
});

testWith(
  { net: true },
  "a client without compression gets UNIMPLEMENTED",
  async () => {
    await using running = serve();
    const verdicts = await drive(deno, running.url, "cases=12.1.1,13.7.18");
    assertEquals(verdicts, ["UNIMPLEMENTED", "UNIMPLEMENTED"]);
  },
);

testWith(
  { net: true },
  "a hundred clients at a time get their own verdicts",
  async () => {
    await using running = serve({ cases: ["5.19", "9.1.2", "3.1"] });
    const run = async (n: number) => {
      const query = `case=${1 + n % 3}&agent=${n}`;
      await deno(`${running.url}/runCase?${query}`);
      const { texts } = await deno(`${running.url}/getCaseStatus?${query}`);
      return texts[0];
    };
    const runs = Array.from({ length: 100 }, (_, n) => run(n));
    const verdicts = await within(Promise.all(runs), "the verdicts");
    assertEquals(new Set(verdicts), new Set(['{"behavior":"OK"}']));
  },
);

testWith(
  { net: true },
  "/getCaseCount sends the number of the selected cases",
  async () => {
    await using running = serve();
    const count = async (query: string) =>
      (await deno(`${running.url}/getCaseCount${query}`)).texts;
    assertEquals(await count(""), ["517"]);
    assertEquals(await count("?cases=1.*,2.*&exclude=1.2.*"), ["19"]);
  },
);

testWith(
  { net: true },
  "/getCaseCount counts the selection of the service",
  async () => {
    await using running = serve({ cases: ["1.*"] });
    const { texts } = await deno(`${running.url}/getCaseCount`);
    assertEquals(texts, ["16"]);
  },
);

testWith(
  { net: true },
  "/getCaseInfo counts cases in the selection",
  async () => {
    await using running = serve();
    const info = async (query: string) =>
      JSON.parse((await deno(`${running.url}/getCaseInfo?${query}`)).texts[0]!);
    const { id, description } = CASES[16]!;
    assertEquals(await info("case=17"), { id, description });
    assertEquals((await info("case=2&cases=9.*")).id, "9.1.2");
    assertEquals((await info("casetuple=9.1.2")).id, "9.1.2");
  },
);

testWith({ net: true }, "the routes close with an empty CLOSE", async () => {
  await using running = serve();
  for (
    const path of [
      "/getCaseCount",
      "/getCaseInfo?case=1",
      "/updateReports?agent=a",
    ]
  ) {
    assertEquals((await deno(`${running.url}${path}`)).code, 1005);
  }
});

testWith(
  { net: true },
  "/getCaseStatus waits for a case that runs",
  async () => {
    await using running = serve();
    const query = "case=1&agent=a";
    const status = deno(`${running.url}/getCaseStatus?${query}`);
    await using connection = await connect(`${running.url}/runCase?${query}`);
    await connection.send("text", "");
    await connection.sendClose(1000);
    const { texts } = await status;
    assertEquals(texts, ['{"behavior":"OK"}']);
  },
);

testWith(
  { net: true },
  "/runCase has the suite's fields in its result",
  async () => {
    await using running = serve();
    await deno(`${running.url}/runCase?case=1&agent=a%20b`);
    const result = await eventually(
      () => running.results.get("a b", "1.1.1"),
      "the result",
    );
    assertStringIncludes(result.httpRequest, "GET /runCase?case=1&agent=a%20b");
    assertStringIncludes(result.httpResponse, "101 Switching Protocols");
    assertEquals(result.role, "server");
    assertEquals(result.end.localCloseCode, 1000);
  },
);

testWith(
  { net: true },
  "/runCase has a result when the client resets",
  async () => {
    await using running = serve();
    await using connection = await connect(
      `${running.url}/runCase?case=1&agent=a`,
    );
    await connection.reset();
    const result = await eventually(
      () => running.results.get("a", "1.1.1"),
      "the result",
    );
    assertEquals([result.behavior, result.behaviorClose], ["FAILED", "FAILED"]);
  },
);

testWith({ net: true }, "a shutdown ends a case without a result", async () => {
  await using running = serve();
  await using connection = await connect(
    `${running.url}/runCase?case=1&agent=a`,
  );
  await connection.nextFrame();
  running.service.sessions.closeAll(1001, "shutdown");
  const close = await connection.nextMessage();
  assertEquals(close.opcode, "close");
  assertEquals(close.payload.toHex().slice(0, 4), "03e9");
  await connection.sendClose(1001);
  await running.service.sessions.emptied();
  assertEquals(running.results.agents, []);
});

for (
  const [path, allowed] of [
    ["/getCaseInfo", "a whole number from 1 to 517"],
    ["/getCaseInfo?case=518", "a whole number from 1 to 517"],
    ["/getCaseInfo?case=9&cases=1.1.*", "a whole number from 1 to 8"],
    ["/getCaseInfo?case=1&case=2", "once"],
    ["/getCaseInfo?casetuple=8.1", "the id of a selected case"],
    ["/getCaseCount?cases=8.*", "a pattern such as"],
    ["/getCaseCount?exclude=", "ids or patterns of cases"],
    ["/getCaseCount?number=1", "case, casetuple, agent, cases, exclude"],
    ["/runCase?case=1", "the client's name"],
    [`/runCase?case=1&agent=${"a".repeat(101)}`, "1 to 100 characters"],
    ["/runCase?agent=a", "a whole number from 1 to 517"],
    ["/getCaseStatus?case=1", "the client's name"],
    ["/updateReports", "the client's name"],
  ] as const
) {
  testWith(
    { net: true },
    `${path.slice(0, 50)} is refused: ${allowed}`,
    async () => {
      await using running = serve();
      await using connection = await connectUnchecked(`${running.url}${path}`);
      assertEquals(connection.handshake.response.status, 400);
      const body = new TextDecoder().decode(await connection.body());
      assertStringIncludes(body, allowed);
    },
  );
}

testWith(
  { net: true },
  "the edge listener names the frame listener",
  async () => {
    await using running = serve();
    await using connection = await connectUnchecked(
      `${running.edge}/runCase?case=1&agent=a`,
    );
    assertEquals(connection.handshake.response.status, 400);
    const body = new TextDecoder().decode(await connection.body());
    assertStringIncludes(body, `${running.url}/runCase`);
  },
);
