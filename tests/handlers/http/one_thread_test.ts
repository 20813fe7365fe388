import { assert, assertEquals } from "@std/assert";
import {
  hasSeveralThreads,
  refuseState,
  stateOfPath,
  threadRefusal,
  withoutState,
} from "../../../handlers/http/one_thread.ts";
import { type RouteContext, routes } from "../../../handlers/routes.ts";
import { FAULT_ROWS } from "../../../handlers/script/catalogue/rows.ts";
import { STEPS } from "../../../handlers/script/steps/table.ts";
import {
  isWebSocketRoute,
  type MixedRoute,
  type Routes,
} from "../../../lib/routing/router.ts";
import type { ListenerName } from "../../../lib/websocket.ts";
import { routeContext } from "../../route_context.ts";
import { answerOf, answerTo, HANDSHAKE_INFO } from "../fakes.ts";

const LISTENERS = [
  { name: "edge", port: 8000 },
  { name: "frame", port: 8001 },
] as const;

/** The router map of a service with several threads. */
const MAP = routes(contextOf(4));

function contextOf(workers: number): RouteContext {
  return routeContext({ listeners: () => LISTENERS, workers });
}

/** The routes that keep state between connections. */
const KEEPING = [
  "/getCaseCount",
  "/getCaseInfo",
  "/getCaseStatus",
  "/runCase",
  "/updateReports",
  "/conformance",
  "/conformance/*",
  "/channel",
  "/channel/:name",
  "/stash",
  "/stash/:key",
  "/journal/:name",
];

/** The answer to a handshake, if it is a refusal. */
async function refusalAt(
  path: string,
  route: string,
  listener: ListenerName,
  map: Routes = MAP,
): Promise<string | undefined> {
  const request = new Request(`http://localhost:8000${path}`, {
    headers: { accept: "application/json" },
  });
  const { handshake } = map[route] as MixedRoute;
  const params = { name: "a", key: "a" };
  const info = { ...HANDSHAKE_INFO, listener, params };
  const result = await answerTo(
    request,
    () => handshake?.call(map[route], request, info),
  );
  if (!(result instanceof Response)) return undefined;
  const { status, message } = await result.json();
  assertEquals(status, result.status);
  return `${status} ${message}`;
}

Deno.test("threadRefusal() says why and what to do with several threads only", () => {
  assertEquals(threadRefusal("journals", undefined), undefined);
  assertEquals(threadRefusal("journals", 1), undefined);
  assertEquals(threadRefusal("journals", 2), {
    status: 501,
    message:
      "Journals need one thread, since each thread has journals of its own: start the service with WORKERS=1.",
  });
  assertEquals(threadRefusal("counts", 2, "The step first needs"), {
    status: 400,
    message:
      "The step first needs one thread, since each thread counts for itself: start the service with WORKERS=1.",
  });
  assert(!hasSeveralThreads() && !hasSeveralThreads(1) && hasSeveralThreads(2));
});

Deno.test("stateOfPath() knows the routes that keep state, and no other", () => {
  const keeping = Object.keys(MAP).filter((path) => stateOfPath(path));
  assertEquals(keeping, KEEPING);
  assertEquals(stateOfPath("/stash?action=take&key=a"), "values");
  assertEquals(stateOfPath("/channels"), undefined);
});

Deno.test("with one thread refuseState() and withoutState() change no route", () => {
  const all = routes(contextOf(1));
  assertEquals(refuseState(all, 1), all);
  assert(withoutState(all, undefined) === all);
  assertEquals(Object.keys(all), Object.keys(MAP));
});

Deno.test("withoutState() leaves out what several threads refuse", () => {
  const left = Object.keys(withoutState(MAP, 2));
  assertEquals(
    Object.keys(MAP).filter((path) => !left.includes(path)),
    KEEPING,
  );
});

for (const path of KEEPING) {
  Deno.test(`${path} refuses every method and handshake when there are several threads`, async () => {
    const route = MAP[path] as MixedRoute;
    const url = `http://localhost:8000${path}`;
    const expected =
      /^(Journals|Channels|The stash|The conformance cases) needs? one thread, since each thread has \w+ of its own: start the service with WORKERS=1\.\n$/;
    const answers: Response[] = [];
    for (const method of Object.keys(route)) {
      if (!/^[A-Z]+$/.test(method) || method === "OPTIONS") continue;
      const handler = route[method as Uppercase<string>]!;
      answers.push(await answerOf(handler, new Request(url, { method })));
    }
    if (isWebSocketRoute(route)) {
      const request = new Request(url);
      assertEquals(route.handshakes, undefined);
      for (const { name: listener } of LISTENERS) {
        const info = { ...HANDSHAKE_INFO, listener };
        for (const method of [route.handshake!, route.checkQuery!]) {
          const answer = await answerTo(request, () => method(request, info));
          answers.push(answer as Response);
        }
      }
    }
    assert(answers.length > 0);
    for (const answer of answers) {
      assertEquals(answer.status, 501);
      assert(expected.test(await answer.text()));
    }
  });
}

Deno.test("a page of another origin can read the refusal of a journal", async () => {
  const { GET } = MAP["/journal/:name"] as MixedRoute;
  const request = new Request("http://localhost:8000/journal/a", {
    headers: { origin: "http://page" },
  });
  const response = await answerOf(GET!, request);
  assertEquals(response.status, 501);
  assertEquals(response.headers.get("access-control-allow-origin"), "*");
});

for (const { name } of LISTENERS) {
  Deno.test(`${name} listener: ?journal= is refused on every WebSocket route when there are several threads`, async () => {
    for (const [path, route] of Object.entries(MAP)) {
      if (!isWebSocketRoute(route)) continue;
      assertEquals(
        await refusalAt(`${path}?journal=a`, path, name),
        "501 Journals need one thread, since each thread has journals of its own: start the service with WORKERS=1.",
      );
    }
  });

  Deno.test(`${name} listener: steps that depend on other connections are refused when there are several threads`, async () => {
    const one = routes(contextOf(1));
    const counts = "since each thread counts for itself";
    const cases = {
      "first:2:status:503/echo":
        `400 The step first needs one thread, ${counts}`,
      "every:3:abort/echo": `400 The step every needs one thread, ${counts}`,
      "down:5000/echo:1/abort": `400 The step down needs one thread, ${counts}`,
      "key:a/first:2:status:503/echo":
        `400 The step key needs one thread, ${counts}`,
      "journal:a/echo":
        "501 The step journal needs one thread, since each thread has journals of its own",
      "challenge:digest/echo":
        "400 The step challenge needs one thread, since each thread accepts only its own nonces",
      "sometimes:50:challenge:digest/echo":
        "400 The step challenge needs one thread, since each thread accepts only its own nonces",
    };
    for (const [plan, refusal] of Object.entries(cases)) {
      const isForFrame = plan.includes("abort");
      if (isForFrame && name === "edge") continue;
      const path = `/do/${plan}`;
      assertEquals(
        await refusalAt(path, "/do/*", name),
        `${refusal}: start the service with WORKERS=1.`,
      );
      const other = await refusalAt(path, "/do/*", name, one);
      assert(!other?.includes("one thread"), other);
    }
  });

  Deno.test(`${name} listener: other plans run with several threads`, async () => {
    for (const plan of ["echo", "sometimes:50:info", "challenge:basic/echo"]) {
      const refusal = await refusalAt(`/do/${plan}`, "/do/*", name);
      assert(!refusal?.includes("thread"), refusal);
    }
    assertEquals(await refusalAt("/ws?delay=5", "/ws", name), undefined);
  });
}

Deno.test("exactly the steps that count, record or check a nonce need one thread", () => {
  const names = STEPS
    .filter(({ keeps, keepsWith }) => keeps ?? keepsWith)
    .map(({ name }) => name);
  assertEquals(names, [
    "challenge",
    "key",
    "first",
    "every",
    "down",
    "journal",
  ]);
});

Deno.test("a named plan that keeps state is refused as its steps are", async () => {
  for (const { name, needsOneThread } of FAULT_ROWS) {
    const map = { ...MAP };
    const { handshake } = map["/fault/:name"] as MixedRoute;
    const request = new Request(`http://localhost:8001/fault/${name}`);
    const params = { name };
    const info = { ...HANDSHAKE_INFO, listener: "frame", params } as const;
    const result = await answerTo(request, () => handshake!(request, info));
    const isRefused = result instanceof Response &&
      (await result.text()).includes("one thread");
    assertEquals(isRefused, needsOneThread, name);
  }
});

Deno.test("the console and the list of addresses offer nothing that several threads refuse", async () => {
  const config = MAP["/console/config.json"] as MixedRoute;
  const url = "http://localhost:8000/console/config.json";
  const { routes } = await (await answerOf(config.GET!, new Request(url)))
    .json();
  assertEquals(
    routes.map(({ path }: { path: string }) => path),
    [
      "/ws",
      "/ws_partial",
      "/auth",
      "/control",
      "/frames",
      "/info",
      "/echo",
      "/",
    ],
  );
  for (const { parameters } of routes) {
    assert(
      !parameters.some(({ name }: { name: string }) => name === "journal"),
    );
  }
  const list = MAP["/console/addresses.txt"] as MixedRoute;
  const text = await (await answerOf(list.GET!, new Request(url))).text();
  assert(!/journal|channel|stash|conformance|Case/.test(text), text);
});
