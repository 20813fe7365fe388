import { assert } from "@std/assert";
import { connect } from "../integration/client.ts";
import {
  LISTENERS,
  NEEDS,
  showingLog,
  startAll,
} from "../integration/suite.ts";
import type { Server } from "../integration/server.ts";
import { eventually } from "../integration/within.ts";
import { testWith } from "../permissions.ts";
import { type Attack, ATTACKS, run } from "./attacks.ts";
import { beHonest, type Experience } from "./honest.ts";
import { type Holdings, holdings } from "./process.ts";
import { pause } from "./socket.ts";

/** Where there is no /proc, what the server holds cannot be looked up. */
const NO_PROC = Deno.build.os !== "linux";

/** Peers of a test: what a machine that runs other tests can bear. */
const MAX_PEERS = 200;
const MAX_FLOODS = 4;

/** Seconds of an attack. */
const DURATION = 1;

/** Bytes that all attacks together may leave behind. */
const MAX_GROWTH = 512 * 2 ** 20;

/**
 * How much slower than without an attack an echo may be, and what is quick
 * enough in any case: the machine may be busy with other tests.
 */
const MAX_RATIO = 20;
const QUICK = 1000;

/**
 * An attack whose frames the runtime joins by itself: nothing above it sees them,
 * so nothing can keep the edge listener's honest clients from waiting.
 */
const STARVING = /empty fragments/;

/**
 * A peer that resets at the very moment of its 101 makes the runtime leave a file
 * of the process open. That is chance, and rare; a leak of the service's own
 * would be there each time.
 */
const TRIES = { edge: 3, frame: 1 } as const;

for (const { name: listener } of LISTENERS) {
  testWith(
    { ...NEEDS, read: true },
    `${listener} listener: an honest client among hostile peers`,
    {
      ignore: NO_PROC,
      async fn(t) {
        await using server = await startAll({
          LOG_LEVEL: "INFO",
          HANDSHAKE_RATE: "off",
          MAX_CONNECTIONS_PER_IP: "off",
        });
        const url = server.url(listener, "/ws");
        const alone = await beHonest(url, DURATION);
        const start = await holdings(server.pid);
        for (const attack of ATTACKS) {
          const starves = listener === "edge" && STARVING.test(attack.name);
          const attempt = async () => {
            const { files } = listener === "edge"
              ? await holdings(server.pid)
              : start;
            const experience = await under(attack, server, listener, starves);
            if (experience !== undefined) assertBearable(experience, alone);
            await recovers(server, url, { ...start, files });
          };
          await t.step(
            attack.name,
            () => showingLog(server, () => tried(attempt, TRIES[listener])),
          );
        }
      },
    },
  );
}

/** Has something succeed within so many attempts. */
async function tried(
  attempt: () => Promise<void>,
  tries: number,
): Promise<void> {
  try {
    await attempt();
  } catch (error) {
    if (tries === 1) throw error;
    await tried(attempt, tries - 1);
  }
}

/** What an honest client experiences during an attack, unless it would starve. */
async function under(
  attack: Attack,
  server: Server,
  listener: string,
  starves: boolean,
): Promise<Experience | undefined> {
  const attacking = new AbortController();
  const floods = attack.peers < 50;
  const attacks = run(
    attack,
    { ...server.address(listener), path: "/ws" },
    Math.min(attack.peers, floods ? MAX_FLOODS : MAX_PEERS),
    attacking.signal,
  );
  try {
    if (!starves) return await beHonest(server.url(listener, "/ws"), DURATION);
    await pause(DURATION * 1000, attacking.signal);
    return undefined;
  } finally {
    attacking.abort();
    await attacks;
  }
}

function assertBearable(experience: Experience, alone: Experience): void {
  const limit = Math.max(QUICK, MAX_RATIO * alone.p99);
  assert(
    experience.p99 < limit,
    `an echo took ${experience.p99} ms, without the attack ${alone.p99} ms`,
  );
}

/** Newcomers are served, and nothing is left of the attackers. */
async function recovers(
  server: Server,
  url: string,
  before: Holdings,
): Promise<void> {
  await using peer = await connect(url);
  peer.send("after");
  assert(await peer.next() === "after");
  await eventually(async () => {
    const { files } = await holdings(server.pid);
    // One is the peer's; the runtime may open a few for itself.
    return files <= before.files + 8 ? true : undefined;
  }, "the end of the attackers' sockets");
  const { memory } = await holdings(server.pid);
  const grown = memory - before.memory;
  assert(grown < MAX_GROWTH, `${grown / 2 ** 20} MiB more than before`);
}
