import type { ClientRequest, IncomingMessage } from "node:http";
import type { WebSocket as WsWebSocket } from "ws";
import { LISTENERS, suite } from "../integration/support/suite.ts";
import { within } from "../integration/support/within.ts";
import {
  CASES,
  check,
  failAll,
  forAll,
  type Plan,
  planOf,
  type Seen,
} from "./plan.ts";

for (const listener of LISTENERS) {
  const { name } = listener;
  suite(
    `${name} listener: behaviour on request with ws`,
    {},
    async (server, step) => {
      const frameBase = server.url("frame", "/ws");
      await step(
        "every parameter has its effect, alone and in pairs",
        async () => {
          const base = server.url(name, "/ws");
          const seen = await forAll((it) => carryOut(planOf(it, name, base)));
          failAll(CASES, (it, i) => check(it, listener, seen[i]!, frameBase));
        },
      );
    },
  );
}

/** Carries out a plan with ws. */
async function carryOut(plan: Plan): Promise<Seen> {
  const { WebSocket }: typeof import("ws-types") = await import("ws");
  const start = performance.now();
  const now = () => performance.now() - start;
  const socket: WsWebSocket = new WebSocket(plan.url, [...plan.protocols]);
  const texts: [number, string][] = [];
  const pings: string[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<Seen>();
  const seen = () => {
    const { protocol, extensions } = socket;
    return { protocol, extensions, texts, pings };
  };
  const finish = () => {
    const ticks = texts.filter(([, text]) => text.startsWith("{")).length;
    const isDone = !plan.closes && ticks >= plan.ticks &&
      texts.length - ticks >= plan.answers && pings.length >= plan.pings &&
      now() - opened >= plan.quiet;
    if (isDone) resolve(seen());
  };
  let opened = Infinity;
  let timer: ReturnType<typeof setTimeout> | undefined;
  socket.on("open", () => {
    opened = now();
    timer = setTimeout(finish, plan.quiet + 1);
    for (const text of plan.texts) socket.send(text);
  });
  socket.on("message", (data) => {
    texts.push([now(), String(data)]);
    finish();
  });
  socket.on("ping", (data) => {
    pings.push(String(data));
    finish();
  });
  socket.on("close", (code, reason) => {
    resolve({ ...seen(), close: { ms: now(), code, reason: String(reason) } });
  });
  socket.on(
    "unexpected-response",
    async (request: ClientRequest, response: IncomingMessage) => {
      let body = "";
      for await (const chunk of response) body += chunk;
      resolve({ ...seen(), refused: { status: response.statusCode!, body } });
      request.destroy();
    },
  );
  socket.on("error", (error: Error & { code?: string }) => {
    if (error.code !== "ECONNRESET" && error.code !== "EPIPE") reject(error);
  });
  try {
    return await within(promise, `the behaviour of ${plan.url}`);
  } finally {
    clearTimeout(timer);
    socket.terminate();
  }
}
