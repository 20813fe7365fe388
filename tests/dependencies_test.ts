import { assert, assertEquals } from "@std/assert";
import config from "../deno.json" with { type: "json" };
import redisChannel from "../lib/cluster/bus/redis_channel.ts" with {
  type: "text",
};
import promClient from "../lib/metrics/prom_client.ts" with { type: "text" };
import etag from "../lib/std/http_etag.ts" with { type: "text" };
import negotiation from "../lib/std/http_negotiation.ts" with { type: "text" };
import eventStream from "../lib/std/http_server_sent_event_stream.ts" with {
  type: "text",
};
import status from "../lib/std/http_status.ts" with { type: "text" };
import { testWith } from "./permissions.ts";
import { taskArguments } from "./task_arguments.ts";

/** The npm packages of a lock file. */
interface Lock {
  readonly specifiers?: Readonly<Record<string, string>>;
  readonly npm?: Readonly<Record<string, { readonly integrity?: string }>>;
}

async function lockOf(path: string): Promise<Lock> {
  return JSON.parse(
    await Deno.readTextFile(new URL(`../${path}`, import.meta.url)),
  );
}

/** The npm specifiers of an import map, without the path in the package. */
function specifiers(imports: Readonly<Record<string, string>>): string[] {
  return Object.values(imports)
    .filter((target) => !target.startsWith("./"))
    .map((target) =>
      /^(npm:)\/?((?:@[^/]+\/)?[^/]+)/.exec(target)?.slice(1).join("") ?? target
    );
}

/** The npm packages that library code imports, in the only files that may. */
const LIBRARY = [
  etag,
  eventStream,
  negotiation,
  promClient,
  status,
].flatMap(npmSpecifiers);

const BUS = [...redisChannel.matchAll(/ CLIENT = "(.+)"/g)]
  .map(([, name]) => `npm:@redis/${name}`);
const SERVICE = [...specifiers(config.imports), ...LIBRARY];
const TESTS = Object.values(config.scopes).flatMap(specifiers);

/** The npm specifiers of a module, without the path in the package. */
function npmSpecifiers(source: string): string[] {
  return [...source.matchAll(/"(npm:(?:@[^/"]+\/)?[^/"]+)[^"]*"/g)]
    .map((match) => match[1]!);
}

Deno.test("dependencies are npm packages of one exact version", () => {
  for (const specifier of [...SERVICE, ...BUS, ...TESTS]) {
    assert(/^npm:.+@\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(specifier), specifier);
  }
});

const LOCKS = {
  "deno.lock": SERVICE,
  "lib/cluster/bus/deno.lock": [...SERVICE, ...BUS],
  "tests/deno.lock": [...SERVICE, ...TESTS],
};

for (const [path, declared] of Object.entries(LOCKS)) {
  testWith(
    { read: true },
    `${path} pins each package by its hash and has no package that deno.json does not name`,
    async () => {
      const { specifiers = {}, npm = {} } = await lockOf(path);
      const foreign = Object.keys(specifiers)
        .filter((specifier) => !declared.includes(specifier));
      assertEquals(foreign, []);
      for (const [name, { integrity }] of Object.entries(npm)) {
        assert(/^sha512-/.test(integrity ?? ""), `${name} has no hash`);
      }
    },
  );
}

testWith(
  { read: true },
  "deno.lock pins every package that the service imports",
  async () => {
    const { specifiers = {} } = await lockOf("deno.lock");
    assertEquals(Object.keys(specifiers).sort(), [...new Set(SERVICE)].sort());
  },
);

testWith(
  { read: true },
  "lib/cluster/bus/deno.lock pins the packages of deno.lock and the Redis client",
  async () => {
    const service = await lockOf("deno.lock");
    const bus = await lockOf("lib/cluster/bus/deno.lock");
    assertEquals(
      Object.keys(bus.specifiers!).sort(),
      [...Object.keys(service.specifiers!), ...BUS].sort(),
    );
    for (const [name, { integrity }] of Object.entries(service.npm!)) {
      assertEquals(bus.npm![name]!.integrity, integrity);
    }
  },
);

Deno.test("a start with BUS differs by its lock file and its host", () => {
  assertEquals(
    taskArguments({ BUS_HOST: "redis.test" }).map((argument) =>
      argument.replace("lib/cluster/bus/deno.lock", "deno.lock")
        .replace(",redis.test", "")
    ),
    taskArguments(),
  );
});

Deno.test("a start with WORKERS differs by what threads need", () => {
  const start = taskArguments();
  assertEquals(
    taskArguments({ WORKERS: "2" }).filter((argument) =>
      !start.includes(argument)
    ),
    [
      "--unstable-net",
      "--allow-read=main.ts,deno.json,handlers,lib,node_modules",
    ],
  );
});

Deno.test("a start with SOCKETS=native differs by the permission for everything", () => {
  const plain = taskArguments();
  assertEquals(
    taskArguments({ SOCKETS: "native" }).filter((argument) =>
      !plain.includes(argument)
    ),
    ["--allow-ffi"],
  );
});

Deno.test("every start uses its lock file and changes nothing in it", () => {
  for (
    const [env, lock] of [
      [{}, "deno.lock"],
      [{ TLS_CERT: "c" }, "deno.lock"],
      [{ WORKERS: "2" }, "deno.lock"],
      [{ SOCKETS: "native" }, "deno.lock"],
      [{ BUS: "redis://h" }, "lib/cluster/bus/deno.lock"],
      [
        { BUS: "redis://h", TLS_CERT: "c", WORKERS: "2" },
        "lib/cluster/bus/deno.lock",
      ],
    ] as const
  ) {
    const words = taskArguments(env);
    assert(
      words.includes(`--lock=${lock}`) && words.includes("--frozen"),
      words.join(" "),
    );
  }
});
