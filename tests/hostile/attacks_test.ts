import { assert } from "@std/assert";
import { connect } from "../integration/support/client.ts";
import {
  LISTENERS,
  NEEDS,
  showingLog,
  startAll,
} from "../integration/support/suite.ts";
import type { Server } from "../integration/support/server.ts";
import { eventually } from "../integration/support/within.ts";
import { testWith } from "../permissions.ts";
import { TESTED_ATTACKS as ATTACKS } from "./attacks/attacks.ts";
import { appliesTo, type Attack, run, UNLIMITED } from "./attacks/attack.ts";
import { beHonest, type Experience, HONEST_ADDRESS } from "./honest_client.ts";
import { type Holdings, holdings, Watch } from "../process.ts";
import { pause } from "./socket.ts";

/** Where there is no /proc, what the server holds cannot be looked up. */
const NO_PROC = Deno.build.os !== "linux";

/** Clients of a test: what a machine that runs other tests can bear. */
const MAX_CLIENTS = 200;
const MAX_FLOODS = 4;

/** Seconds of an attack, and of the time without one. */
const DURATION = 0.5;

/** Milliseconds beyond that for the last echo. */
const PATIENCE = 10_000;

/** The MEMORY_LIMIT of the service: a quarter of the default, as it has fewer clients. */
const MEMORY_LIMIT = "128MiB";

/**
 * Bytes that an attack may take, and that all together may leave behind: the limit,
 * garbage, and buffers that are kept for reuse.
 */
const MAX_GROWTH = 512 * 2 ** 20;

/**
 * Attacks with messages that are not complete. On the edge listener the runtime
 * holds those, and the service acts when the process has grown.
 */
const UNSEEN = /unfinished|without an end|12 MiB|16 MiB/;

/** The log line of the honest client's handshake. */
const HANDSHAKE = "Responding WS handshake to sock";

/** Bytes by which such an attack may make the process grow. */
const MAX_UNSEEN = 2 * 2 ** 30;

/**
 * How many times slower than without an attack an echo may be, and the milliseconds that
 * are quick enough in any case, as other tests may use the machine.
 */
const MAX_RATIO = 20;
const QUICK = 1000;

/** Milliseconds that are quick enough for the slowest echo. */
const QUICK_ENOUGH = 2000;

/**
 * Attacks whose frames the runtime joins within one read, so that an honest client of
 * the edge listener may wait for seconds.
 */
const STARVING = /empty fragments|131072 fragments/;

/** Attacks after which the edge listener may refuse the attackers' address for a while. */
const REFUSED = /empty fragments|131072 fragments|PING/;

/**
 * Attempts of an attack, each on a new service. An attack runs again if the honest client
 * was slow, since a busy machine delays echoes; and after any failure on the edge
 * listener, since the runtime leaves a file open for a client that resets the connection
 * at the moment of its 101. Both are rare; a fault of the service fails each attempt.
 */
const ATTEMPTS = 4;

for (const { name: listener } of LISTENERS) {
  const attacks = ATTACKS.filter((attack) => appliesTo(attack, listener));
  const groups = Map.groupBy(
    attacks,
    (attack) => JSON.stringify(setup(attack)),
  );
  testWith(
    { ...NEEDS, read: true },
    `${listener} listener: an honest client is served during attacks`,
    {
      ignore: NO_PROC,
      async fn(t) {
        for (const group of groups.values()) {
          await using attacked = new ServerUnderAttack(
            setup(group[0]!),
            listener,
          );
          for (const attack of group) {
            await t.step(attack.name, () => attacked.withstands(attack));
          }
        }
      },
    },
  );
}

/** How a service is started. */
interface Setup {
  readonly env: Readonly<Record<string, string>>;
  readonly readsLog: boolean;
}

function setup({ env = UNLIMITED, readsLog = true }: Attack): Setup {
  return { env, readsLog };
}

/** The honest client was served slowly. */
class SlowError extends Error {
  override readonly name = "SlowError";
}

/** A service that attacks share until one of them fails. */
class ServerUnderAttack implements AsyncDisposable {
  readonly #setup: Setup;
  readonly #listener: "edge" | "frame";
  #running: Running | undefined;

  constructor(setup: Setup, listener: "edge" | "frame") {
    this.#setup = setup;
    this.#listener = listener;
  }

  /** Asserts that an attack harms neither the service nor an honest client. */
  async withstands(attack: Attack): Promise<void> {
    for (let rest = ATTEMPTS - 1;; rest--) {
      const running = this.#running ??= await this.#start();
      try {
        await showingLog(
          running.server,
          () => this.#attempt(attack, running),
        );
        break;
      } catch (error) {
        await this[Symbol.asyncDispose]();
        const { cause } = error as Error;
        const mayPass = this.#listener === "edge" || cause instanceof SlowError;
        if (rest === 0 || !mayPass) throw error;
      }
    }
    if (this.#listener === "edge" && REFUSED.test(attack.name)) {
      await this[Symbol.asyncDispose]();
    }
  }

  async #attempt(attack: Attack, running: Running): Promise<void> {
    const { server, alone, start } = running;
    const { files } = this.#listener === "edge"
      ? await holdings(server.pid)
      : start;
    const starves = this.#listener === "edge" && STARVING.test(attack.name);
    const experience = await under(attack, server, this.#listener, starves);
    if (experience !== undefined) assertBearable(experience, alone);
    const url = server.url(this.#listener, "/ws");
    await recovers(server, url, { ...start, files });
  }

  async #start(): Promise<Running> {
    const { env, readsLog } = this.#setup;
    const server = await startAll({ ...env, MEMORY_LIMIT, LOG_LEVEL: "INFO" });
    if (!readsLog) server.stopReading();
    const url = server.url(this.#listener, "/ws");
    const alone = await beHonest(url, DURATION);
    return { server, alone, start: await holdings(server.pid) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running?.server[Symbol.asyncDispose]();
    this.#running = undefined;
  }
}

/** A service, and what it was like before the attacks. */
interface Running {
  readonly server: Server;
  readonly alone: Experience;
  readonly start: Holdings;
}

/** What an honest client experiences during an attack, unless it would starve. */
async function under(
  attack: Attack,
  server: Server,
  listener: string,
  starves: boolean,
): Promise<Experience | undefined> {
  const attacking = new AbortController();
  const { memory } = await holdings(server.pid);
  using watch = new Watch(server.pid);
  const isUnseen = listener === "edge" && UNSEEN.test(attack.name);
  const lines = server.lines.length;
  const experience = starves ? undefined : beHonest(
    attack.honest === undefined
      ? server.url(listener, "/ws")
      : server.url(listener, attack.honest).replace("ws:", "http:"),
    DURATION,
    PATIENCE,
  );
  // A client without a message may be closed because of what the attackers send.
  if (isUnseen && !starves && attack.honest === undefined) {
    await server.logged(HANDSHAKE, lines);
  }
  const attacks = run(
    attack,
    {
      ...server.address(listener),
      path: "/ws",
      http: server.address("edge"),
    },
    Math.min(
      attack.clients,
      attack.shortClients ??
        (attack.clients < 50 ? MAX_FLOODS : MAX_CLIENTS),
    ),
    attacking.signal,
  );
  try {
    if (starves) await pause(DURATION * 1000, attacking.signal);
    return await experience;
  } finally {
    attacking.abort();
    await attacks;
    const allowed = isUnseen ? MAX_UNSEEN : MAX_GROWTH;
    assertSmall(await watch.end() - memory, allowed);
  }
}

function assertBearable(experience: Experience, alone: Experience): void {
  const { fault, p99, slowest } = experience;
  assert(fault === undefined, `the honest client: ${fault}`);
  if (p99 >= Math.max(QUICK, MAX_RATIO * alone.p99)) {
    throw new SlowError(
      `an echo took ${p99} ms, without the attack ${alone.p99} ms`,
    );
  }
  if (slowest >= Math.max(QUICK_ENOUGH, MAX_RATIO * alone.slowest)) {
    throw new SlowError(
      `the slowest echo took ${slowest} ms, without the attack ${alone.slowest} ms`,
    );
  }
}

function assertSmall(growth: number, allowed = MAX_GROWTH): void {
  assert(growth < allowed, `${growth / 2 ** 20} MiB more than before`);
}

/** Asserts that a new client is served, and that nothing is left of the attackers. */
async function recovers(
  server: Server,
  url: string,
  before: Holdings,
): Promise<void> {
  await using rawClient = await connect(url, {
    options: { localAddress: HONEST_ADDRESS },
  });
  rawClient.send("after");
  assert(await rawClient.next() === "after");
  await eventually(async () => {
    const { files } = await holdings(server.pid);
    // One is the client's; the runtime may open a few.
    return files <= before.files + 8 ? true : undefined;
  }, "the end of the attackers' sockets");
  // The attackers' memory is garbage for a while.
  await eventually(async () => {
    const { memory } = await holdings(server.pid);
    assertSmall(memory - before.memory);
    return true;
  }, "the end of the attackers' memory");
}
