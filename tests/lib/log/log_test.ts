import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertThrows,
} from "@std/assert";
import {
  getLogger,
  type LevelName,
  LogLevels,
  LogRecord,
  type LogRecordOptions,
} from "@std/log";
import * as log from "../../../lib/log/log.ts";

const { jsonLine, setupLog, textLine } = log;

function record(options: Partial<LogRecordOptions> = {}): LogRecord {
  return new LogRecord({
    msg: "Registering URI handlers",
    args: [],
    level: LogLevels.INFO,
    loggerName: "ws_echo_server",
    ...options,
  });
}

/** Runs a function at a time after the start of the process. */
function at<T>(sinceStart: number, fn: () => T): T {
  const { now } = performance;
  performance.now = () => sinceStart;
  try {
    return fn();
  } finally {
    performance.now = now;
  }
}

/** Returns the lines that a function logs. */
async function written(
  options: log.LogOptions,
  write: () => void,
): Promise<string[]> {
  const decoder = new TextDecoder();
  let text = "";
  const { stdout } = Deno;
  const original = stdout.write;
  stdout.write = (bytes) => {
    text += decoder.decode(bytes, { stream: true });
    return Promise.resolve(bytes.length);
  };
  try {
    setupLog(options);
    write();
    await log.flushLog();
    setupLog({ level: "INFO", format: "text", colors: false });
  } finally {
    stdout.write = original;
  }
  return text.split("\n").slice(0, -1);
}

function logAll(tag: string): void {
  const logger = getLogger(tag);
  logger.debug("a");
  logger.info("b");
  logger.warn("c");
  logger.error("d");
  logger.critical("e");
}

Deno.test("textLine() formats a record as ESP-IDF does", () => {
  assertEquals(
    at(4932, () => textLine(record())),
    "I (4932) ws_echo_server: Registering URI handlers",
  );
});

for (const ms of [0, 1, 123_456_789]) {
  Deno.test(`textLine() writes ${ms} milliseconds since the start`, () => {
    assertEquals(
      at(ms, () => textLine(record({ msg: "m", loggerName: "httpd" }))),
      `I (${ms}) httpd: m`,
    );
  });
}

for (
  const [name, letter] of [
    ["DEBUG", "D"],
    ["INFO", "I"],
    ["WARN", "W"],
    ["ERROR", "E"],
    ["CRITICAL", "C"],
  ] as const
) {
  Deno.test(`textLine() writes ${name} as ${letter}`, () => {
    const line = at(
      7,
      () => textLine(record({ level: LogLevels[name], msg: "m" })),
    );
    assertEquals(line, `${letter} (7) ws_echo_server: m`);
  });
}

Deno.test("textLine() appends arguments to the message", () => {
  const made = record({ msg: "m", args: [1, "two", undefined] });
  assertEquals(
    at(7, () => textLine(made)),
    "I (7) ws_echo_server: m 1 two undefined",
  );
});

Deno.test("textLine() appends an error with its stack", () => {
  const error = new TypeError("no such thing");
  const line = at(7, () => textLine(record({ msg: "failed:", args: [error] })));
  assert(line.startsWith("I (7) ws_echo_server: failed: TypeError: no such"));
  assert(line.includes("log_test.ts"), line);
});

Deno.test("textLine() appends an error without a stack by its name", () => {
  const error = new TypeError("no such thing");
  delete error.stack;
  assertEquals(
    at(7, () => textLine(record({ msg: "failed:", args: [error] }))),
    "I (7) ws_echo_server: failed: TypeError: no such thing",
  );
});

for (const write of [textLine, jsonLine]) {
  Deno.test(`${write.name}() never writes a time that goes back`, () => {
    const { now } = Date;
    const msOf = (line: string) =>
      Number(/^I \((\d+)\)|"ms":(\d+)/.exec(line)!.slice(1).join(""));
    const before = msOf(write(record()));
    Date.now = () => now() - 3_600_000;
    try {
      const after = msOf(write(record()));
      assert(after >= before && after < before + 60_000, `${before} ${after}`);
    } finally {
      Date.now = now;
    }
  });
}

Deno.test("jsonLine() formats a record as one JSON object", () => {
  const made = record();
  assertEquals(JSON.parse(at(4932, () => jsonLine(made))), {
    time: made.datetime.toISOString(),
    ms: 4932,
    level: "INFO",
    tag: "ws_echo_server",
    message: "Registering URI handlers",
  });
});

Deno.test("jsonLine() appends arguments to the message", () => {
  const line = at(7, () => jsonLine(record({ msg: "m", args: [1, "two"] })));
  assertEquals(JSON.parse(line).message, "m 1 two");
});

Deno.test("jsonLine() formats any message as one line", () => {
  const msg = 'a\nb\r"c"\x1b[31m';
  const error = new Error("x\ny");
  const line = at(7, () => jsonLine(record({ msg, args: [error] })));
  assertFalse(/\p{Cc}/u.test(line), line);
  const { message, ...fields } = JSON.parse(line);
  assertEquals(message, `${msg} Error: x\\ny`);
  assertEquals(fields["exception.type"], "Error");
  assertEquals(fields["exception.message"], "x\\ny");
  assert(fields["exception.stacktrace"].startsWith("Error: x\ny\n"), line);
});

for (
  const [format, pattern] of [
    ["text", /^I \(\d+\) httpd: hello$/],
    [
      "json",
      /^\{"time":"[-0-9]{10}T[0-9:.]{12}Z","ms":\d+,"level":"INFO","tag":"httpd","message":"hello"\}$/,
    ],
  ] as const
) {
  Deno.test(`setupLog() writes ${format} to the standard output`, async () => {
    const lines = await written(
      { level: "INFO", format, colors: false },
      () => {
        getLogger("httpd").info("hello");
      },
    );
    assertEquals(lines.length, 1);
    assertMatch(lines[0]!, pattern);
  });
}

Deno.test("setupLog() logs each line to the console by its level for a platform", () => {
  const lines: string[] = [];
  const { info, warn } = console;
  console.info = (line: string) => lines.push(line);
  console.warn = (line: string) => lines.push(`warn ${line}`);
  try {
    setupLog({
      level: "INFO",
      format: "text",
      colors: false,
      console: "platform",
    });
    getLogger("httpd").info("one");
    getLogger("httpd").warn("two");
  } finally {
    Object.assign(console, { info, warn });
    setupLog({ level: "INFO", format: "text", colors: false });
  }
  assertEquals(lines.map((line) => line.replace(/\(\d+\)/, "(0)")), [
    "I (0) httpd: one",
    "warn W (0) httpd: two",
  ]);
});

Deno.test("setupLog() colours text lines by level, as ESP-IDF does", async () => {
  const lines = await written(
    { level: "DEBUG", format: "text", colors: true },
    () => logAll("httpd"),
  );
  assertEquals(lines.map((line) => line.replace(/\(\d+\)/, "(0)")), [
    "D (0) httpd: a",
    "\x1b[0;32mI (0) httpd: b\x1b[0m",
    "\x1b[0;33mW (0) httpd: c\x1b[0m",
    "\x1b[0;31mE (0) httpd: d\x1b[0m",
    "\x1b[0;31mC (0) httpd: e\x1b[0m",
  ]);
});

for (
  const options of [
    { level: "DEBUG", format: "text", colors: false },
    { level: "DEBUG", format: "json", colors: true },
  ] as const
) {
  Deno.test(`setupLog() writes no colours with ${JSON.stringify(options)}`, async () => {
    const lines = await written(options, () => logAll("httpd"));
    assertEquals(lines.length, 5);
    assertFalse(lines.join("").includes("\x1b"));
  });
}

for (
  const [level, letters] of [
    ["DEBUG", "DIWEC"],
    ["INFO", "IWEC"],
    ["WARN", "WEC"],
    ["ERROR", "EC"],
  ] as const
) {
  Deno.test(`setupLog() writes records of ${level} and above, for every tag`, async () => {
    for (const tag of log.TAGS) {
      const lines = await written(
        { level, format: "text", colors: false },
        () => logAll(tag),
      );
      assertEquals(lines.map((line) => line.charAt(0)).join(""), letters);
    }
  });
}

for (
  const [level, enabled] of [
    ["NOTSET", true],
    ["DEBUG", true],
    ["INFO", false],
    ["WARN", false],
    ["ERROR", false],
    ["CRITICAL", false],
  ] as const satisfies readonly [LevelName, boolean][]
) {
  Deno.test(`debugEnabled is ${enabled} at level ${level}`, async () => {
    let found: boolean | undefined;
    await written({ level, format: "text", colors: false }, () => {
      found = log.debugEnabled;
    });
    assertEquals(found, enabled);
  });
}

Deno.test("debugEnabled is false again when the level rises", async () => {
  await written({ level: "DEBUG", format: "text", colors: false }, () => {});
  assertEquals(log.debugEnabled, false);
});

Deno.test("setupLog() refuses options that are not allowed", () => {
  const untyped = setupLog as (options?: unknown) => void;
  const valid = { level: "INFO", format: "text", colors: false };
  for (
    const [options, message] of [
      [undefined, "level is undefined"],
      [null, "level is undefined"],
      [{ ...valid, level: "info" }, 'level is "info"; allowed: NOTSET, DEBUG'],
      [{ ...valid, format: "xml" }, 'format is "xml"; allowed: text, json'],
      [{ ...valid, console: true }, "console is true; allowed: none, platform"],
    ] as const
  ) {
    assertThrows(() => untyped(options), TypeError, message);
  }
});
