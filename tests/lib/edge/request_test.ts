import { assert, assertEquals } from "@std/assert";
import type { EdgeContext } from "../../../lib/edge/context.ts";
import { answerRequest } from "../../../lib/edge/request.ts";
import { Router } from "../../../lib/routing/router.ts";
import { RequestTurns } from "../../../lib/scheduling/request_turns.ts";
import { serviceOf } from "../../service.ts";

// Off by default in Deno 2.9.
Deno.test.sanitizer({ ops: true, resources: true });

const REMOTE = { transport: "tcp", hostname: "127.0.0.1", port: 1 } as const;

/** A listener with a page that counts its requests. */
function listener() {
  const pages = { count: 0 };
  const router = new Router({
    "/page": { GET: () => new Response(`${++pages.count}`) },
  });
  const requestTurns = new RequestTurns();
  const context = { service: serviceOf({ router }), requestTurns };
  const request = (path: string, fields: Record<string, string> = {}) =>
    answerRequest(
      context as unknown as EdgeContext,
      new Request(`http://localhost${path}`, {
        headers: { host: "localhost", ...fields },
      }),
      REMOTE,
    );
  return { pages, request };
}

/** More requests than can be answered in one turn. */
const MANY = 5000;

Deno.test("answerRequest() handles requests at once for a time, and then one after the other", async () => {
  const { pages, request } = listener();
  const answers = Array.from({ length: MANY }, () => request("/page"));
  assert(pages.count >= 16 && pages.count < MANY);
  const texts = await Promise.all(
    answers.map(async (answer) => (await answer).text()),
  );
  assertEquals(texts, Array.from({ length: MANY }, (_, i) => `${i + 1}`));
});

Deno.test("answerRequest() lets refused handshakes wait, too", async () => {
  const { request } = listener();
  const refuse = () =>
    request("/nowhere", { connection: "Upgrade", upgrade: "websocket" });
  const answers = Array.from({ length: MANY }, refuse);
  const waiting = answers.filter((answer) => answer instanceof Promise);
  assert(waiting.length > 0 && waiting.length <= MANY - 16);
  for (const answer of answers) assertEquals((await answer).status, 404);
});
