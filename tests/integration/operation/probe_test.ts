import { assert, assertEquals, assertMatch } from "@std/assert";
import config from "../../../deno.json" with { type: "json" };
import { freePort } from "../../free_port.ts";
import {
  BUN_SERVER,
  CROSSWS_SERVER,
  DENO_SERVER,
  type OtherServer,
  PYTHON_SERVER,
  start,
  WS_SERVER,
} from "../../other_servers/other_servers.ts";
import { testWith } from "../../permissions.ts";
import { runDeno } from "../../program.ts";
import { suite } from "../support/suite.ts";
import { secureUrl, tlsSuite } from "../support/tls_server.ts";
import { within } from "../support/within.ts";

const COMMAND = config.tasks.probe.command.split(" ").slice(1);

/** Runs `deno task probe`. */
async function probe(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, out: stdout, error: stderr } = await within(
    runDeno([...COMMAND, ...args], env),
    "the end of the probe",
  );
  return { code, stdout, stderr };
}

const PYTHON_READER = `
import json, sys, xml.etree.ElementTree as tree
suite = tree.parse(sys.argv[1]).getroot().find("testsuite")
cases = []
for case in suite.findall("testcase"):
    fail, skip = case.find("failure"), case.find("skipped")
    cases.append([case.get("name"),
        "fail" if fail is not None else "skip" if skip is not None else "pass",
        fail.get("message") if fail is not None else skip.get("message") if skip is not None else ""])
count = lambda outcome: sum(1 for case in cases if case[1] == outcome)
assert int(suite.get("tests")) == len(cases)
assert int(suite.get("failures")) == count("fail")
assert int(suite.get("skipped")) == count("skip")
print(json.dumps(cases))
`;

/** Name, outcome and message of each case, read by Python's XML parser. */
async function readJunit(file: string): Promise<string[][]> {
  const { code, stdout, stderr } = await new Deno.Command("python3", {
    args: ["-c", PYTHON_READER, file],
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assertEquals([code, text(stderr)], [0, ""]);
  return JSON.parse(text(stdout));
}

/** The outcomes of the steps by their names. */
async function outcomes(
  url: string,
  ...args: string[]
): Promise<{ code: number; steps: Record<string, string> }> {
  const { code, stdout, stderr } = await probe([url, "--json", ...args]);
  assertEquals(stderr, "");
  const { steps } = JSON.parse(stdout) as {
    steps: { name: string; outcome: string }[];
  };
  return {
    code,
    steps: Object.fromEntries(
      steps.map(({ name, outcome }) => [name, outcome]),
    ),
  };
}

/** The outcomes of a correct server without `async` and without compression. */
const STRICT = {
  "handshake": "pass",
  "text": "pass",
  "binary": "pass",
  "empty": "pass",
  "fragmented": "pass",
  "large": "pass",
  "ping": "pass",
  "async": "skip",
  "deflate": "skip",
  "utf8": "pass",
  "unmasked": "pass",
  "close-1000": "pass",
  "close-1001": "pass",
  "close-3000": "pass",
  "close-4999": "pass",
  "close-empty": "pass",
  "close-illegal": "pass",
  "rtt": "pass",
};

/** The outcomes of Deno's server: it sends no CLOSE 1007 and accepts unmasked frames. */
const RUNTIME = { ...STRICT, utf8: "fail", unmasked: "fail" };

suite("the probe on this service", {}, async (server, step) => {
  await step("edge", async () => {
    const { code, steps } = await outcomes(server.url("edge", "/ws"));
    assertEquals(steps, { ...RUNTIME, async: "pass" });
    assertEquals(code, 1);
  });

  await step("frame", async () => {
    const { code, steps } = await outcomes(server.url("frame", "/ws"));
    assertEquals(steps, { ...STRICT, async: "pass", deflate: "pass" });
    assertEquals(code, 0);
  });

  await step("the report has no colours in a pipe", async () => {
    const url = server.url("edge", "/ws");
    const args = [url, "--only", "handshake,utf8", "--subprotocol", "x,chat"];
    const { code, stdout, stderr } = await probe(args);
    assertEquals([code, stderr], [1, ""]);
    assert(!stdout.includes("\x1b"), "colours");
    const lines = stdout.trimEnd().split("\n");
    assertEquals(lines[0], url);
    assertMatch(
      lines[1]!,
      /^ok +handshake +101 Switching Protocols in [\d.]+ ms \(TCP [\d.]+ ms, response [\d.]+ ms\); subprotocol chat, no extensions$/,
    );
    assertEquals(lines.slice(-3), [
      "FAIL  utf8           the server ended the TCP connection without a CLOSE",
      "                     expected: CLOSE 1007 in answer to a text that is not UTF-8 (RFC 6455 §8.1)",
      "1 passed, 1 failed, 0 skipped",
    ]);
  });

  await step("a route that needs a token", async () => {
    const url = server.url("frame", "/auth");
    const refused = await probe([url, "--only", "handshake"]);
    assertEquals(refused.code, 1);
    assertMatch(refused.stdout, /refused with 401 Unauthorized/);
    const token = "Authorization: Bearer valid";
    const { code, steps } = await outcomes(url, "--header", token);
    assertEquals(steps, { ...STRICT, deflate: "pass" });
    assertEquals(code, 0);
  });

  await step("paths without a WebSocket", async () => {
    for (
      const [listener, path, status] of [
        ["edge", "/nowhere", 404],
        ["frame", "/nowhere", 404],
        ["edge", "/healthz", 200],
      ] as const
    ) {
      const { code, stdout } = await probe([server.url(listener, path)]);
      assertEquals(code, 1);
      assertMatch(
        stdout,
        new RegExp(`^FAIL  handshake +refused with ${status} `, "m"),
      );
      assertMatch(stdout, /^skip +17 others/m);
    }
  });

  await step(
    "--junit writes a report outside of the project",
    async () => {
      const directory = await Deno.makeTempDir();
      try {
        const file = `${directory}/probe.xml`;
        await Deno.writeTextFile(file, "x".repeat(100_000));
        const url = server.url("edge", "/ws");
        // `deno task` passes the caller's directory in this variable.
        const env = { INIT_CWD: directory };
        const only = "handshake,utf8,deflate";
        const args = [url, "--only", only, "--json", "--junit", "probe.xml"];
        const { code, stdout, stderr } = await probe(args, env);
        assertEquals([code, stderr], [1, ""]);
        const { steps } = JSON.parse(stdout);
        const cases = await readJunit(file);
        assertEquals(
          cases,
          (steps as { name: string; outcome: string; seen: string }[]).map((
            { name, outcome, seen },
          ) => [name, outcome, outcome === "pass" ? "" : seen]),
        );
        assertEquals(cases.map(([, outcome]) => outcome), [
          "pass",
          "skip",
          "fail",
        ]);
      } finally {
        await Deno.remove(directory, { recursive: true });
      }
    },
  );

  await step("--junit with a file that cannot be written", async () => {
    const url = server.url("frame", "/ws");
    for (const path of ["/nowhere/probe.xml", "lib"]) {
      const { code, stdout, stderr } = await probe([url, "--junit", path]);
      assertEquals([code, stdout], [2, ""]);
      assertMatch(stderr, /^probe: --junit: cannot write "[^\n]+: [^\n]+\n$/);
    }
  });

  await step("--count and --only", async () => {
    const url = server.url("frame", "/ws");
    const args = [url, "--only", "rtt", "--count", "7", "--json"];
    const { code, stdout } = await probe(args);
    const { steps, ok } = JSON.parse(stdout);
    const { count, min, median, p99 } = steps[0].details;
    assertEquals([code, ok, steps.length, count], [0, true, 1, 7]);
    assert(0 < min && min <= median && median <= p99);
  });
});

tlsSuite("the probe over TLS", async (server, chain, step) => {
  const file = `${chain.directory}/trusted.pem`;
  await Deno.writeTextFile(file, chain.root);

  for (const listener of ["edge", "frame"]) {
    const url = secureUrl(server, listener, "/ws");

    await step(`${listener}, with a trusted root certificate`, async () => {
      const args = [url, "--only", "handshake,text,large,close-1000", "--json"];
      const { code, stdout, stderr } = await probe(args, { DENO_CERT: file });
      assertEquals([code, stderr], [0, ""], stdout);
      const { passed, steps } = JSON.parse(stdout);
      assertEquals(passed, 4);
      assert(steps[0].details.times.tls > 0);
    });

    await step(`${listener}, with ws: instead of wss:`, async () => {
      const plain = url.replace("wss:", "ws:");
      const { code, stdout } = await probe([plain]);
      const { host } = new URL(url);
      assertEquals(code, 1);
      assertMatch(
        stdout,
        new RegExp(`^FAIL +handshake +${host} speaks TLS$`, "m"),
      );
      assertMatch(stdout, new RegExp(`^ +hint: try ${url}$`, "m"));
    });

    await step(`${listener}, with an unknown root certificate`, async () => {
      const { code, stdout } = await probe([url]);
      assertEquals(code, 1);
      assertMatch(
        stdout,
        /^FAIL +handshake +TLS failed with localhost:\d+: ".*UnknownIssuer"$/m,
      );
      assertMatch(stdout, /DENO_CERT=FILE/);
    });
  }
});

/** Other servers, and the outcomes of each. */
const OTHER_SERVERS: readonly [
  other: OtherServer,
  deflate: boolean,
  expected: Record<string, string>,
][] = [
  [DENO_SERVER, false, RUNTIME],
  [CROSSWS_SERVER, false, RUNTIME],
  [WS_SERVER, false, STRICT],
  [WS_SERVER, true, { ...STRICT, deflate: "pass" }],
  [BUN_SERVER, false, STRICT],
  [BUN_SERVER, true, { ...STRICT, deflate: "pass" }],
  [PYTHON_SERVER, true, { ...STRICT, deflate: "pass" }],
];

const ALL = { net: true, run: true, read: true } as const;

testWith(ALL, "the probe on other servers", async (t) => {
  for (const [other, deflate, expected] of OTHER_SERVERS) {
    const command = await other.command(deflate);
    const how = deflate ? " with compression" : "";
    if (!command.ok) {
      const name = `${other.name}${how} (ignored: ${command.reason})`;
      await t.step({ name, ignore: true, fn: () => {} });
      continue;
    }
    await t.step(`${command.version}${how}`, async () => {
      await using server = await start(command);
      const { code, steps } = await outcomes(`ws://127.0.0.1:${server.port}/`);
      assertEquals(steps, expected);
      assertEquals(code, expected === RUNTIME ? 1 : 0);
    });
  }
});

testWith(ALL, "the probe reports a refused connection", async () => {
  const url = `ws://127.0.0.1:${freePort()}/`;
  const { code, stdout, stderr } = await probe([url]);
  assertEquals([code, stderr], [1, ""]);
  assertMatch(stdout, /connection refused by 127\.0\.0\.1/);
});
