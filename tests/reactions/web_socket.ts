/**
 * Runs plans with a class that has the browsers' WebSocket API: in this process, in
 * Node, and in a page.
 *
 * @module
 */

import type { ClientPlan, Report } from "./plan.ts";

/**
 * Runs plans. The function's source runs in other programs, too, so it uses nothing
 * from outside of it.
 *
 * @param plans what to do
 * @param atOnce number of connections at a time
 * @param Client the class
 * @returns the reports, in the order of the plans
 */
export async function runAll(
  plans: readonly ClientPlan[],
  atOnce: number,
  Client: new (url: string, protocols: string[]) => WebSocket,
): Promise<Report[]> {
  /** Letters of a text that is reported by its size. */
  const LONG = 40;
  /** Milliseconds from the first message to the client's CLOSE. */
  const CLOSE_AFTER = 300;

  function runPlan(plan: ClientPlan): Promise<Report> {
    const start = Date.now();
    const { promise, resolve } = Promise.withResolvers<Report>();
    const messages: string[] = [];
    let opened = false;
    let error: string | null = null;
    const report = (close?: CloseEvent) =>
      resolve({
        opened,
        ended: close === undefined ? null : Date.now() - start,
        code: close?.code ?? null,
        clean: close?.wasClean ?? null,
        error,
        messages,
      });
    const socket = new Client(plan.url, [...plan.protocols]);
    socket.binaryType = "arraybuffer";
    const limit = setTimeout(report, plan.limit);
    let closing: ReturnType<typeof setTimeout> | undefined;
    socket.onopen = () => {
      opened = true;
      if (plan.closes) socket.close(1000);
    };
    socket.onmessage = ({ data }) => {
      const size = data.length ?? data.byteLength;
      messages.push(
        typeof data !== "string"
          ? `${size} bytes`
          : data.length > LONG
          ? `${size} letters`
          : data,
      );
      closing ??= setTimeout(() => socket.close(1000), CLOSE_AFTER);
    };
    socket.onerror = (event) => {
      const { error: cause, message } = event as ErrorEvent;
      error ??= typeof cause?.code === "string"
        ? cause.code
        : message || cause?.message || cause?.name || "";
    };
    socket.onclose = (event) => {
      clearTimeout(limit);
      clearTimeout(closing);
      report(event);
    };
    return promise;
  }

  const reports: Report[] = [];
  let next = 0;
  async function playNext(): Promise<void> {
    for (let i; (i = next++) < plans.length;) {
      reports[i] = await runPlan(plans[i]!);
    }
  }
  await Promise.all(Array.from({ length: atOnce }, playNext));
  return reports;
}
