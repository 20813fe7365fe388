/**
 * Reactions: what a client reports for a named plan, and what its journal has.
 *
 * @module
 */

import type { Server } from "../integration/support/server.ts";
import type { Client } from "./clients.ts";
import { plansOf, type Report } from "./plan.ts";

/** How a client reacts to a named plan. */
export interface Reaction extends Omit<Report, "ended"> {
  /** Whether it reported the end within the limit. */
  readonly ended: boolean;
  /** The code of its CLOSE on the wire, 1005 without one; `null`: no CLOSE. */
  readonly sends: number | null;
  /** The journal's verdict about the reaction; `null`: the plan has none. */
  readonly verdict: "passed" | "failed" | "not tested" | null;
  /** The other rules that the client violates. */
  readonly violates: readonly string[];
}

/** A reaction, with the time that it takes. */
export interface TimedReaction extends Reaction {
  /** Milliseconds until the client reported the end. */
  readonly ms: number | null;
}

/** The reaction of a rule's verdict. */
interface Ruling {
  readonly id: string;
  readonly status: "passed" | "failed" | "not tested";
}

/** A part of a connection in a journal. */
interface RecordedConnection {
  readonly entries: readonly {
    readonly type: string;
    readonly from: string;
    readonly opcode?: string;
    readonly code?: number | null;
  }[];
  readonly verdict: { readonly rules: readonly Ruling[] };
}

/** The variables of a service for these tests. */
export const SERVICE: Readonly<Record<string, string>> = {
  HOST: "0.0.0.0",
  IDLE_TIMEOUT: "off",
  LOG_LEVEL: "INFO",
};

/** What the end of the process does to a connection that the client has left open. */
const ARTEFACTS = ["close-handshake", "close-answered", "frame-complete"];

/** A plan whose server does not read, and so does not notice that the client has gone. */
const UNREAD = "silence";

/**
 * Runs plans against a client.
 *
 * @param client the client
 * @param server the service
 * @param names of the plans
 * @param limit milliseconds that the client has for each
 * @returns the reactions by the names of the plans
 */
export async function reactionsOf(
  client: Client,
  server: Server,
  names: readonly string[],
  limit: number,
): Promise<Record<string, TimedReaction>> {
  const run = crypto.randomUUID().slice(0, 8);
  const journal = (name: string) => `${name}-${run}`;
  const { port } = server.address("frame");
  const plans = plansOf(names, { port, journal }, limit);
  const reports = await client.runPlans(plans);
  const reactions: Record<string, TimedReaction> = {};
  for (const [i, name] of names.entries()) {
    const wait = name === UNREAD ? "open" : "closed";
    const recorded = await recordOf(server, journal(name), wait);
    reactions[name] = reactionOf(reports[i]!, recorded);
  }
  return reactions;
}

/** Reads the connection of a journal. */
async function recordOf(
  server: Server,
  name: string,
  until: "open" | "closed",
): Promise<RecordedConnection> {
  const path = `/journal/${name}?wait=${until}&timeout=60`;
  const url = server.url("edge", path).replace("ws:", "http:");
  const headers = { accept: "application/json" };
  const response = await fetch(url, { headers });
  const { wait, connections, message } = await response.json();
  if (!response.ok) throw new Error(`${name}: ${response.status} ${message}`);
  if (!wait.met || connections.length !== 1) {
    throw new Error(`${name}: ${connections.length} connections, some open`);
  }
  return connections[0];
}

function reactionOf(
  { ended, ...report }: Report,
  { entries, verdict }: RecordedConnection,
): TimedReaction {
  const close = entries.find(({ from, opcode }) =>
    from === "client" && opcode === "close"
  );
  const isOpen = ended === null;
  // A page that is closed sends 1001.
  const code = close === undefined || isOpen && close.code === 1001
    ? null
    : close.code ?? 1005;
  const hasFault = entries.some(({ type }) => type === "fault");
  const about = verdict.rules.find(({ id }) => id === "fault-reaction")!;
  const failed = verdict.rules
    .filter(({ id, status }) => status === "failed" && id !== about.id)
    .map(({ id }) => id);
  return {
    ...report,
    ended: !isOpen,
    sends: code,
    verdict: hasFault ? about.status : null,
    violates: failed.filter((rule) => !isOpen || !ARTEFACTS.includes(rule)),
    ms: ended,
  };
}
