import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { type Config, readConfig } from "../../../lib/config/config.ts";
import { ConfigError } from "../../../lib/config/error.ts";
import { SETTINGS, VARIABLES } from "../../../lib/config/settings.ts";
import { defaultMemoryLimit } from "../../../lib/memory/default_limit.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

/** The configuration of an environment with these variables and no other. */
function configOf(variables: Record<string, string>): Config {
  return readConfig((name) => variables[name]);
}

function messageOf(variable: string, value: string): string {
  return assertThrows(() => configOf({ [variable]: value }), ConfigError)
    .message;
}

const DEFAULTS: Config = {
  port: 8000,
  framePort: 8001,
  host: "::",
  tls: undefined,
  authToken: "valid",
  adminToken: undefined,
  metricsToken: undefined,
  allowedOrigins: undefined,
  compression: true,
  sockets: "runtime",
  maxPayload: 16 * MIB,
  maxFragments: 131_072,
  sendBufferLimit: 16 * MIB,
  memoryLimit: defaultMemoryLimit(),
  maxConnections: 10_000,
  lruPurge: false,
  misbehaviour: true,
  workers: 1,
  bus: undefined,
  trustProxy: 0,
  maxConnectionsPerIp: 256,
  handshakeRate: 500,
  messageRate: 0,
  idleTimeout: 30_000,
  sendTimeout: 120_000,
  handshakeTimeout: 10_000,
  closeTimeout: 5_000,
  shutdownTimeout: 5_000,
  drainTime: 0,
  logLevel: "INFO",
  logFormat: "text",
  telemetry: false,
  onDeploy: false,
};

Deno.test("readConfig() refuses one port for both listeners, unless it is 0", () => {
  assertThrows(
    () => configOf({ PORT: "9000", FRAME_PORT: "9000" }),
    ConfigError,
    'FRAME_PORT="9000" is not valid: PORT has the same value',
  );
  const { port, framePort } = configOf(
    { PORT: "0", FRAME_PORT: "0" },
  );
  assertEquals([port, framePort], [0, 0]);
});

Deno.test("readConfig() takes a free port for both listeners where PORT is 0", () => {
  assertEquals(configOf({ PORT: "0" }), { ...DEFAULTS, port: 0, framePort: 0 });
  assertEquals(configOf({ PORT: "0", FRAME_PORT: "1" }).framePort, 1);
  assertEquals(configOf({ PORT: "0", FRAME_PORT: "off" }).framePort, false);
  assertEquals(configOf({ PORT: "1" }).framePort, 8001);
});

Deno.test("readConfig() has a default for every variable", () => {
  assertEquals(configOf({}), DEFAULTS);
});

/** Variables that are read by the same rules, and their fields. */
const PORTS = [["PORT", "port"], ["FRAME_PORT", "framePort"]] as const;
const SIZES = [
  ["MAX_PAYLOAD", "maxPayload"],
  ["SEND_BUFFER_LIMIT", "sendBufferLimit"],
] as const;
const DURATIONS = [
  ["IDLE_TIMEOUT", "idleTimeout"],
  ["SEND_TIMEOUT", "sendTimeout"],
  ["HANDSHAKE_TIMEOUT", "handshakeTimeout"],
  ["CLOSE_TIMEOUT", "closeTimeout"],
  ["SHUTDOWN_TIMEOUT", "shutdownTimeout"],
] as const;

const COUNTS_OR_OFF = [
  ["MAX_CONNECTIONS_PER_IP", "maxConnectionsPerIp"],
  ["HANDSHAKE_RATE", "handshakeRate"],
  ["MESSAGE_RATE", "messageRate"],
] as const;

type Good = [
  variable: string,
  text: string,
  field: keyof Config,
  value: unknown,
];

const GOOD: readonly Good[] = [
  ...PORTS.flatMap(([variable, field]): Good[] => [
    [variable, "1", field, 1],
    [variable, "65535", field, 65535],
  ]),
  // PORT=0 has a test of its own: it decides about FRAME_PORT.
  ["FRAME_PORT", "0", "framePort", 0],
  ["FRAME_PORT", "off", "framePort", false],
  ["HOST", "127.0.0.1", "host", "127.0.0.1"],
  ["HOST", "::1", "host", "::1"],
  ["HOST", "localhost", "host", "localhost"],
  ["AUTH_TOKEN", "x", "authToken", "x"],
  ["ADMIN_TOKEN", "x", "adminToken", "x"],
  ["ADMIN_TOKEN", "off", "adminToken", undefined],
  ["LRU_PURGE", "on", "lruPurge", true],
  ["MISBEHAVIOUR", "on", "misbehaviour", true],
  ["MISBEHAVIOUR", "off", "misbehaviour", false],
  ["WORKERS", "1", "workers", 1],
  ["WORKERS", "256", "workers", 256],
  ["BUS", "local", "bus", undefined],
  ["BUS", "redis://127.0.0.1:6379", "bus", "redis://127.0.0.1:6379"],
  ["BUS", "rediss://u:p@redis/1", "bus", "rediss://u:p@redis/1"],
  ["LRU_PURGE", "off", "lruPurge", false],
  ["MEMORY_LIMIT", "1MiB", "memoryLimit", MIB],
  ["MEMORY_LIMIT", "64GiB", "memoryLimit", 64 * 1024 * MIB],
  ["MEMORY_LIMIT", "1024GiB", "memoryLimit", 1024 * 1024 * MIB],
  ["AUTH_TOKEN", "!~aZ09+/=", "authToken", "!~aZ09+/="],
  ["ALLOWED_ORIGINS", "*", "allowedOrigins", undefined],
  [
    "ALLOWED_ORIGINS",
    "https://example.com",
    "allowedOrigins",
    new Set(["https://example.com"]),
  ],
  ...[
    "capacitor://localhost",
    "ionic://localhost",
    "tauri://localhost",
    "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
    "moz-extension://0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
    "vscode-webview://abc:90",
    "app://.",
    "app://obsidian.md",
    "file://",
    "null",
  ].map((origin): Good => [
    "ALLOWED_ORIGINS",
    origin,
    "allowedOrigins",
    new Set([origin]),
  ]),
  [
    "ALLOWED_ORIGINS",
    "https://example.com, http://localhost:3000,http://[::1]:8080",
    "allowedOrigins",
    new Set([
      "https://example.com",
      "http://localhost:3000",
      "http://[::1]:8080",
    ]),
  ],
  ...SIZES.flatMap(([variable, field]): Good[] => [
    [variable, "1", field, 1],
    [variable, "65536", field, 65536],
    [variable, "64KiB", field, 64 * KIB],
    [variable, "16MiB", field, 16 * MIB],
    [variable, "2 MiB", field, 2 * MIB],
    [variable, "1GiB", field, GIB],
    [variable, "1024MiB", field, GIB],
    [variable, "1073741824", field, GIB],
  ]),
  ["MAX_CONNECTIONS", "1", "maxConnections", 1],
  ["MAX_FRAGMENTS", "1", "maxFragments", 1],
  ["MAX_CONNECTIONS", "1000000", "maxConnections", 1_000_000],
  ["TRUST_PROXY", "0", "trustProxy", 0],
  ["TRUST_PROXY", "1", "trustProxy", 1],
  ["TRUST_PROXY", "16", "trustProxy", 16],
  ...COUNTS_OR_OFF.flatMap(([variable, field]): Good[] => [
    [variable, "1", field, 1],
    [variable, "1000000", field, 1_000_000],
    [variable, "off", field, 0],
  ]),
  ...DURATIONS.flatMap(([variable, field]): Good[] => [
    [variable, "0.1", field, 100],
    [variable, "0.5", field, 500],
    [variable, "30", field, 30_000],
    [variable, "2.25", field, 2250],
    [variable, "86400", field, 86_400_000],
  ]),
  ["IDLE_TIMEOUT", "off", "idleTimeout", 0],
  ["SEND_TIMEOUT", "off", "sendTimeout", 0],
  ["COMPRESSION", "on", "compression", true],
  ["COMPRESSION", "off", "compression", false],
  ["LOG_LEVEL", "DEBUG", "logLevel", "DEBUG"],
  ["LOG_LEVEL", "INFO", "logLevel", "INFO"],
  ["LOG_LEVEL", "WARN", "logLevel", "WARN"],
  ["LOG_LEVEL", "ERROR", "logLevel", "ERROR"],
  ["LOG_FORMAT", "text", "logFormat", "text"],
  ["LOG_FORMAT", "json", "logFormat", "json"],
  // Words in any case.
  ["LOG_LEVEL", "debug", "logLevel", "DEBUG"],
  ["LOG_LEVEL", "Warn", "logLevel", "WARN"],
  ["LOG_FORMAT", "JSON", "logFormat", "json"],
  ["LOG_FORMAT", "Text", "logFormat", "text"],
  ["COMPRESSION", "OFF", "compression", false],
  ["LRU_PURGE", "On", "lruPurge", true],
  ["FRAME_PORT", "Off", "framePort", false],
  ["IDLE_TIMEOUT", "OFF", "idleTimeout", 0],
  ["MESSAGE_RATE", "Off", "messageRate", 0],
  ["ADMIN_TOKEN", "OFF", "adminToken", undefined],
  ["BUS", "LOCAL", "bus", undefined],
];

for (const [variable, text, field, value] of GOOD) {
  Deno.test(`readConfig() reads ${variable}=${text} and changes nothing else`, () => {
    assertEquals(configOf({ [variable]: text }), {
      ...DEFAULTS,
      [field]: value,
    });
  });
}

type Bad = readonly [
  variable: string,
  values: readonly string[],
  allowed: string,
];

const NO_PORTS = ["abc", "-1", "65536", "1e3", "80.5", "0x50", "80 81", "ON"];
const NO_SIZES = [
  "0",
  "-1",
  "16MB",
  "16mib",
  "16M",
  "1.5MiB",
  "MiB",
  "2GiB",
  "1025MiB",
  "1073741825",
  "16  MiB",
  "99999999999",
  "Infinity",
  "toString",
];
const NO_DURATIONS = [
  "-1",
  "0",
  "0.0",
  "0.099",
  "86401",
  "86400.001",
  "30s",
  "1m",
  ".5",
  "1.",
  "1,5",
  "1e3",
  "NaN",
  "Infinity",
  "never",
];

const BAD: readonly Bad[] = [
  ["PORT", [...NO_PORTS, "off"], "a port from 0 to 65535 (0 takes a free one)"],
  [
    "FRAME_PORT",
    [...NO_PORTS, "of", "false"],
    "a port from 0 to 65535 (0 takes a free one), or off",
  ],
  [
    "HOST",
    ["a b", "http://localhost", "[::1]", "*", "ä"],
    "an IP address or a host name",
  ],
  ["LRU_PURGE", ["yes", "1"], "on or off"],
  ["MISBEHAVIOUR", ["no", "0"], "on or off"],
  ["AUTH_TOKEN", ["a b", "tökén", "a\tb"], "visible ASCII characters"],
  [
    "ALLOWED_ORIGINS",
    [
      "example.com",
      "https://example.com/",
      "https://example.com/path",
      "https://EXAMPLE.com",
      "https://example.com:443",
      "https://example.com,",
      "https://example.com https://example.org",
      "https://example.com,*",
      "file:///",
      "capacitor://localhost/",
      "capacitor://localhost/path",
      "capacitor://LocalHost",
      "Capacitor://localhost",
      "capacitor:localhost",
      "capacitor://",
      "capacitor://user@localhost",
      "capacitor://localhost?a",
      "chrome-extension://*",
      "data:,x",
      "blob:https://example.com",
    ],
    "* for any, or origins such as https://example.com, separated by commas",
  ],
  ...SIZES.map(([variable]): Bad => [
    variable,
    NO_SIZES,
    "bytes from 1 to 1 GiB, such as 65536, 64KiB or 16MiB",
  ]),
  [
    "TRUST_PROXY",
    ["17", "-1", "1.5", "on", "true", "10.0.0.0/8"],
    "a number of proxies from 0 to 16",
  ],
  ...COUNTS_OR_OFF.map(([variable]): Bad => [
    variable,
    ["0", "-1", "1000001", "1e3", "1.5", "no"],
    "a whole number from 1 to 1000000, or off",
  ]),
  ...["MAX_CONNECTIONS", "MAX_FRAGMENTS"].map((variable): Bad => [
    variable,
    ["0", "-1", "1000001", "1e3", "1.5", "many"],
    "a whole number from 1 to 1000000",
  ]),
  ...DURATIONS.map(([variable]): Bad =>
    variable === "IDLE_TIMEOUT" || variable === "SEND_TIMEOUT"
      ? [
        variable,
        NO_DURATIONS,
        "seconds from 0.1 to 86400, such as 30 or 0.5, or off",
      ]
      : [
        variable,
        [...NO_DURATIONS, "off"],
        "seconds from 0.1 to 86400, such as 30 or 0.5",
      ]
  ),
  ["COMPRESSION", ["onn", "true", "1", "deflate"], "on or off"],
  [
    "LOG_LEVEL",
    ["loud", "NOTSET", "CRITICAL", "WARNING", "20"],
    "one of DEBUG, INFO, WARN, ERROR",
  ],
  ["LOG_FORMAT", ["xml", "logfmt"], "one of text, json"],
];

for (const [variable, values, allowed] of BAD) {
  for (const value of values) {
    Deno.test(`readConfig() throws for ${variable}=${value} with the allowed values`, () => {
      const message = messageOf(variable, value);
      const shown = variable === "AUTH_TOKEN" ? "" : "=";
      assert(message.startsWith(`${variable}${shown}`), message);
      assert(message.endsWith(` is not valid: ${allowed}`), message);
    });
  }
}

Deno.test("readConfig() names variable and value", () => {
  assertEquals(
    messageOf("PORT", "abc"),
    'PORT="abc" is not valid: a port from 0 to 65535 (0 takes a free one)',
  );
});

Deno.test("readConfig() names a value of several lines in one line", () => {
  const message = messageOf("HOST", 'a\nb\r"c');
  assertFalse(/[\r\n]/.test(message), message);
  assertStringIncludes(message, 'HOST="a\\nb\\r\\"c"');
});

Deno.test("readConfig() escapes control characters of a value", () => {
  const error = assertThrows(
    () => configOf({ LOG_LEVEL: "\x1b[31m\x7f\x9b31m\u2028\u202e" }),
    ConfigError,
  );
  assertMatch(error.message, /^[\x20-\x7e]+$/);
});

Deno.test("readConfig() does not show an invalid AUTH_TOKEN", () => {
  const message = messageOf("AUTH_TOKEN", "geheim nis");
  assertFalse(message.includes("geheim"), message);
});

for (
  const [error, fault] of [
    [
      new Deno.errors.InvalidData('not valid unicode: "geheim\xff"'),
      "it has to be UTF-8",
    ],
    [
      new Deno.errors.NotCapable("run with --allow-env"),
      "run with --allow-env",
    ],
  ] as const
) {
  for (const name of ["PORT", "AUTH_TOKEN", "OTEL_DENO"]) {
    Deno.test(`readConfig() names ${name} when it throws ${error.name}`, () => {
      const { message } = assertThrows(() =>
        readConfig((asked) => {
          if (asked === name) throw error;
          return undefined;
        }), ConfigError);
      assertEquals(message, `${name} is not valid: ${fault}`);
    });
  }
}

for (
  const [text, env, tls] of [
    ["TLS_CERT and TLS_KEY", { TLS_CERT: "c", TLS_KEY: "k" }, {
      cert: "c",
      key: "k",
    }],
    ["TLS_CERT alone, with the key in its file", { TLS_CERT: "c" }, {
      cert: "c",
      key: "c",
    }],
    ["neither", {}, undefined],
  ] as const
) {
  Deno.test(`readConfig() takes ${text}`, () => {
    assertEquals(configOf(env).tls, tls);
  });
}

Deno.test("readConfig() throws for TLS_KEY alone", () => {
  assertEquals(
    messageOf("TLS_KEY", "k"),
    "TLS_CERT is not valid: it has to be set where TLS_KEY is",
  );
});

Deno.test("readConfig() gives whole milliseconds", () => {
  assertEquals(configOf({ CLOSE_TIMEOUT: "1.001" }).closeTimeout, 1001);
});

Deno.test("readConfig() throws for a wildcard origin, which no browser sends", () => {
  messageOf("ALLOWED_ORIGINS", "https://*.example.com");
});

for (const text of ["", " ", "\t\n"]) {
  Deno.test(`readConfig() uses the default for ${JSON.stringify(text)}`, () => {
    const blank = (name: string) =>
      name.startsWith("DENO_DEPLOY") ? undefined : text;
    assertEquals(readConfig(blank), DEFAULTS);
  });
}

Deno.test("readConfig() ignores space around a value", () => {
  assertEquals(configOf({ PORT: " 80\n" }).port, 80);
});

for (
  const [text, telemetry] of [["true", true], ["1", true], [
    "false",
    false,
  ]] as const
) {
  Deno.test(`readConfig() of OTEL_DENO=${text} as the runtime reads it`, () =>
    assertEquals(configOf({ OTEL_DENO: text }).telemetry, telemetry));
}

for (
  const env of [
    { DENO_DEPLOYMENT_ID: "abc123" },
    { DENO_DEPLOY: "true" },
    { DENO_DEPLOY: "1" },
    { DENO_DEPLOYMENT_ID: "abc123", FRAME_PORT: "off", HOST: "0.0.0.0" },
  ] as Record<string, string>[]
) {
  Deno.test(`readConfig() has the values of Deno Deploy with ${JSON.stringify(env)}`, () => {
    assertEquals(configOf(env), {
      ...DEFAULTS,
      framePort: false,
      host: "0.0.0.0",
      shutdownTimeout: 4000,
      onDeploy: true,
    });
  });
}

for (
  const [name, text, reason] of [
    ["FRAME_PORT", "8001", "HTTP only"],
    ["HOST", "127.0.0.1", "chooses the address"],
    ["TLS_CERT", "cert.pem", "has the certificate"],
    ["TLS_KEY", "key.pem", "has the certificate"],
    ["WORKERS", "2", "not threads"],
    ["SHUTDOWN_TIMEOUT", "5", "4 at most"],
    ["DRAIN_TIME", "1", "5 seconds after its signal"],
  ] as const
) {
  Deno.test(`readConfig() refuses ${name}=${text} on Deno Deploy`, () => {
    assertThrows(
      () => configOf({ DENO_DEPLOY: "true", [name]: text }),
      ConfigError,
      reason,
    );
  });
}

Deno.test("readConfig() allows a shorter SHUTDOWN_TIMEOUT on Deno Deploy", () => {
  const env = { DENO_DEPLOY: "true", SHUTDOWN_TIMEOUT: "1" };
  assertEquals(configOf(env).shutdownTimeout, 1000);
});

Deno.test("readConfig() throws for an invalid FRAME_PORT on Deno Deploy too", () => {
  assertThrows(
    () => configOf({ DENO_DEPLOYMENT_ID: "abc123", FRAME_PORT: "x" }),
    ConfigError,
  );
});

Deno.test("readConfig() reads the variables of the table of settings, and no other", () => {
  const asked = new Set<string>();
  readConfig((name) => void asked.add(name));
  assertEquals([...asked].toSorted(), VARIABLES.toSorted());
});

for (const [name, { kind, default: text }] of Object.entries(SETTINGS)) {
  Deno.test(`the default of ${name} is an allowed value`, () => {
    assertNotEquals(kind.parse(text), undefined);
  });
}

Deno.test("readConfig() refuses an environment that is no function", () => {
  const untyped = readConfig as (env?: unknown) => unknown;
  for (const env of [undefined, {}]) {
    assertThrows(() => untyped(env), TypeError, "env is");
  }
});
