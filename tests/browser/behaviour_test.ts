import type { Page } from "playwright-core";
import {
  type Case,
  CASES,
  check,
  failAll,
  type Plan,
  planOf,
  refusalOf,
  type Seen,
} from "../behaviour/plan.ts";
import { LISTENERS } from "../integration/support/suite.ts";
import { browserTest } from "./browser.ts";

/**
 * Refused handshakes per page: after each, Chromium delays the next handshake of the
 * page longer.
 */
const REFUSALS = 8;

browserTest(
  "Chromium sees the requested behaviour",
  {},
  async (server, step) => {
    for (const listener of LISTENERS) {
      const { name } = listener;
      const run = (cases: readonly Case[]) => async (page: Page) => {
        const http = server.url("edge", "/healthz").replace("ws:", "http:");
        await page.goto(http);
        const base = server.url(name, "/ws");
        const plans = cases.map((it) => planOf(it, name, base));
        const seen = await page.evaluate(runPlans, plans);
        const frameBase = server.url("frame", "/ws");
        failAll(cases, (it, i) => check(it, listener, seen[i]!, frameBase));
      };
      const accepted = CASES.filter((it) => refusalOf(it, name) === undefined);
      await step(`${name} listener: accepted handshakes`, run(accepted));
      const refused = CASES.filter((it) => refusalOf(it, name) !== undefined);
      for (let i = 0; i < refused.length; i += REFUSALS) {
        const some = refused.slice(i, i + REFUSALS);
        const title = `${name} listener: refusals ${i + 1} to ${
          i + some.length
        }`;
        await step(title, run(some));
      }
    }
  },
);

/** Runs plans in the page, several at a time; it runs there, without this module. */
async function runPlans(plans: Plan[]): Promise<Seen[]> {
  const one = (plan: Plan) =>
    new Promise<Seen>((resolve) => {
      const start = performance.now();
      const now = () => performance.now() - start;
      const socket = new WebSocket(plan.url, [...plan.protocols]);
      const texts: [number, string][] = [];
      let opened = Infinity;
      const seen = () => ({
        protocol: socket.protocol,
        extensions: socket.extensions,
        texts: [...texts],
      });
      const look = () => {
        const ticks = texts.filter(([, text]) => text.startsWith("{")).length;
        if (plan.closes || ticks < plan.ticks) return;
        if (texts.length - ticks < plan.answers) return;
        if (now() - opened < plan.quiet) return;
        resolve(seen());
        socket.close();
      };
      socket.onopen = () => {
        opened = now();
        setTimeout(look, plan.quiet + 1);
        for (const text of plan.texts) socket.send(text);
      };
      socket.onmessage = ({ data }) => {
        texts.push([now(), data]);
        look();
      };
      socket.onclose = ({ code, reason }) =>
        resolve(
          opened === Infinity
            ? { ...seen(), refused: {} }
            : { ...seen(), close: { ms: now(), code, reason } },
        );
    });
  const results: Seen[] = [];
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < plans.length; i = next++) {
      results[i] = await one(plans[i]!);
    }
  };
  await Promise.all(Array.from({ length: 64 }, worker));
  return results;
}
