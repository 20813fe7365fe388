import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { readConfig } from "../../../lib/config/config.ts";
import {
  readOptions,
  SERVER_SETTINGS,
  type SettingOptions,
} from "../../../lib/config/options.ts";
import { OptionsError } from "../../../lib/config/options_error.ts";
import { type SettingName, SETTINGS } from "../../../lib/config/settings.ts";
import { optionName } from "../../../lib/errors/setting.ts";

/** Options of any type, as a program without types may give them. */
function read(options: Record<string, unknown>) {
  return readOptions(options as SettingOptions);
}

Deno.test("readOptions() has the defaults of the variables", () => {
  const config: Record<string, unknown> = { ...readConfig(() => undefined) };
  for (const [name, value] of Object.entries(readOptions({}))) {
    assertEquals(value, config[name], name);
  }
});

Deno.test("readOptions() accepts what readConfig() returns", () => {
  const env: Record<string, string> = {
    FRAME_PORT: "off",
    TLS_CERT: "cert.pem",
    ALLOWED_ORIGINS: "https://example.com",
    MAX_CONNECTIONS_PER_IP: "off",
    IDLE_TIMEOUT: "off",
    BUS: "redis://127.0.0.1",
  };
  const config: Record<string, unknown> = { ...readConfig((key) => env[key]) };
  const names = Object.keys(readOptions({}));
  const settings = Object.fromEntries(names.map((key) => [key, config[key]]));
  assertEquals({ ...read(settings) }, settings);
});

Deno.test("every setting is an option, or belongs to the echo service", () => {
  const own: readonly SettingName[] = SERVER_SETTINGS;
  assertEquals(
    Object.keys(SETTINGS).filter((name) => !own.includes(name as SettingName)),
    [
      "AUTH_TOKEN",
      "METRICS_TOKEN",
      "ADMIN_TOKEN",
      "MISBEHAVIOUR",
      "LOG_LEVEL",
      "LOG_FORMAT",
    ],
  );
});

Deno.test("optionName() is the variable in camel case", () => {
  assertEquals(optionName("PORT"), "port");
  assertEquals(optionName("MAX_CONNECTIONS_PER_IP"), "maxConnectionsPerIp");
  assertEquals(optionName("TLS_CERT"), "tls.cert");
});

Deno.test("readOptions() takes undefined for unset", () => {
  const unset = Object.fromEntries(
    SERVER_SETTINGS.filter((name) => !name.startsWith("TLS"))
      .map((name) => [optionName(name), undefined]),
  );
  assertEquals(read(unset), readOptions({}));
});

Deno.test("readOptions() takes a free port for both listeners if port is 0", () => {
  assertEquals(readOptions({ port: 0 }).framePort, 0);
  assertEquals(readOptions({ port: 0, framePort: 1 }).framePort, 1);
  assertEquals(readOptions({ port: 0, framePort: false }).framePort, false);
  assertEquals(readOptions({ port: 1 }).framePort, 8001);
});

Deno.test("readOptions() takes origins from an array or a set", () => {
  const origins = ["https://example.com", "null"];
  for (const allowedOrigins of [origins, new Set(origins)]) {
    assertEquals(
      readOptions({ allowedOrigins }).allowedOrigins,
      new Set(origins),
    );
  }
});

Deno.test("readOptions() takes the certificate's file for the key without one", () => {
  assertEquals(readOptions({ tls: { cert: "c" } }).tls, {
    cert: "c",
    key: "c",
  });
  assertEquals(
    readOptions({ tls: { cert: "c", key: "k" } }).tls,
    { cert: "c", key: "k" },
  );
});

for (
  const [name, good] of [
    ["port", [0, 65535]],
    ["framePort", [0, 65535, false]],
    ["host", ["::1", "localhost"]],
    ["maxPayload", [1, 2 ** 30]],
    ["maxFragments", [1, 1_000_000]],
    ["sendBufferLimit", [1, 2 ** 30]],
    ["memoryLimit", [2 ** 20, 2 ** 40]],
    ["maxConnections", [1, 1_000_000]],
    ["lruPurge", [true, false]],
    ["messageRate", [1, 1_000_000]],
    ["workers", [1, 256]],
    ["trustProxy", [0, 16]],
    ["compression", [true, false]],
    ["closeTimeout", [100, 86_400_000]],
  ] as const
) {
  Deno.test(`readOptions() accepts ${name}: ${good.join(", ")}`, () => {
    for (const value of good) {
      const config: Record<string, unknown> = { ...read({ [name]: value }) };
      assertEquals(config[name], value);
    }
  });
}

for (
  const name of [
    "maxConnectionsPerIp",
    "handshakeRate",
    "messageRate",
    "idleTimeout",
    "sendTimeout",
    "drainTime",
  ]
) {
  for (const off of [false, 0]) {
    Deno.test(`readOptions() takes ${name}: ${off} for off`, () => {
      const config: Record<string, unknown> = { ...read({ [name]: off }) };
      assertEquals(config[name], 0);
    });
  }
}

for (
  const [name, bad] of [
    ["port", [-1, 65536, 0.5, NaN, "8000", null, {}, 1n, Symbol("x")]],
    ["framePort", [-1, true, "off", null]],
    ["host", ["", "a b", 1]],
    ["allowedOrigins", ["*", [], ["https://example.com/path"], [1]]],
    ["maxPayload", [0, 2 ** 30 + 1, "16MiB", false]],
    ["memoryLimit", [2 ** 20 - 1, 2 ** 40 + 1]],
    ["maxConnections", [0, 1_000_001, Infinity]],
    ["lruPurge", ["on", 1]],
    ["workers", [0, 257]],
    ["idleTimeout", [99, 86_400_001, "30", 100.5]],
    ["closeTimeout", [0, false]],
  ] as const
) {
  Deno.test(`readOptions() refuses other values of ${name}, by name`, () => {
    for (const value of bad) {
      const error = assertThrows(() => read({ [name]: value }), OptionsError);
      assertEquals(error.option, name);
      assertStringIncludes(error.message, `${name} is not valid: `);
      assertStringIncludes(error.message, "; allowed: ");
      assert(!error.message.includes("\n"), error.message);
    }
  });
}

Deno.test("readOptions() shows the items of a list that it refuses, and no more than three", () => {
  for (
    const [value, shown] of [
      [["https://example.com/path"], '["https://example.com/path"]'],
      [new Set(["a", "b", "c", "d"]), '["a", "b", "c", …]'],
      [[1, null, [["a"]]], "[1, null, a value of type object]"],
    ] as const
  ) {
    const { message } = assertThrows(
      () => read({ allowedOrigins: value }),
      OptionsError,
    );
    assertStringIncludes(message, `allowedOrigins is not valid: ${shown}; `);
  }
});

for (
  const [tls, option] of [
    [{}, "tls.cert"],
    [{ key: "k" }, "tls.cert"],
    [{ cert: 1 }, "tls.cert"],
    [{ cert: false, key: "k" }, "tls.cert"],
    [{ cert: "c", key: 1 }, "tls.key"],
    ["c", "tls"],
    [null, "tls"],
  ] as const
) {
  Deno.test(`readOptions() refuses tls: ${JSON.stringify(tls)}`, () => {
    const error = assertThrows(() => read({ tls }), OptionsError);
    assertEquals(error.option, option);
  });
}

Deno.test("readOptions() refuses an unknown option", () => {
  for (const name of ["maxPayLoad", "authToken", "constructor"]) {
    const error = assertThrows(() => read({ [name]: 1 }), OptionsError);
    assertEquals(error.option, name);
    assertEquals(error.message, `${name} is not an option of serve()`);
  }
});

Deno.test("readOptions() does not show the URL of a bus, which may have a password", () => {
  const bus = "http://user:secret@host";
  const { message } = assertThrows(() => read({ bus }), OptionsError);
  assert(!message.includes("secret"), message);
});
