import { assert, assertEquals, assertThrows } from "@std/assert";
import * as log from "@std/log";

/** Keeps what it is given. */
class MemoryHandler extends log.BaseHandler {
  readonly messages: string[] = [];
  readonly calls: string[] = [];

  override log(msg: string): void {
    this.messages.push(msg);
  }

  override setup(): void {
    this.calls.push("setup");
  }

  override destroy(): void {
    this.calls.push("destroy");
  }
}

/** A logger and the handler that it logs to. */
function createLogger(
  level: log.LevelName,
  options: log.BaseHandlerOptions = {},
): { logger: log.Logger; handler: MemoryHandler } {
  const handler = new MemoryHandler("NOTSET", options);
  const logger = new log.Logger("test", level, { handlers: [handler] });
  return { logger, handler };
}

/** Runs a function and returns what it wrote to the console. */
function captureConsole(fn: () => void): string[] {
  const lines: string[] = [];
  const original = console.log;
  console.log = (line: string) => lines.push(line);
  try {
    fn();
  } finally {
    console.log = original;
  }
  return lines;
}

/** Logs one message with each level. */
function logAll(
  logger: Pick<log.Logger, "debug" | "info" | "warn" | "error" | "critical">,
) {
  logger.debug("a");
  logger.info("b");
  logger.warn("c");
  logger.error("d");
  logger.critical("e");
}

const RECORD = { msg: "text", args: [], loggerName: "test" };

Deno.test("LogLevelNames has every level, the least severe first", () => {
  assertEquals(log.LogLevelNames, [
    "NOTSET",
    "DEBUG",
    "INFO",
    "WARN",
    "ERROR",
    "CRITICAL",
  ]);
  assertEquals(log.LogLevelNames.map(log.getLevelByName), [
    0,
    10,
    20,
    30,
    40,
    50,
  ]);
});

Deno.test("getLevelName() is the inverse of getLevelByName()", () => {
  for (const name of log.LogLevelNames) {
    assertEquals(log.LogLevels[name], log.getLevelByName(name));
    assertEquals(log.getLevelName(log.getLevelByName(name)), name);
  }
});

Deno.test("getLevelByName() throws for an unknown name", () => {
  for (const name of ["TRACE", "info", ""]) {
    assertThrows(() => log.getLevelByName(name as log.LevelName), Error, name);
  }
});

Deno.test("getLevelName() throws for an unknown level", () => {
  assertThrows(() => log.getLevelName(42 as log.LogLevel), Error, "42");
});

Deno.test("LogRecord gives copies of its arguments and its time", () => {
  const args = [1, "two"];
  const before = Date.now();
  const record = new log.LogRecord({ ...RECORD, args, level: 20 });
  args.push("three");
  record.args.push("four");
  record.datetime.setTime(0);
  assertEquals(record.args, [1, "two"]);
  assert(record.datetime.getTime() >= before);
  assertEquals(record.levelName, "INFO");
});

Deno.test("Logger logs its level and above", () => {
  const all = ["DEBUG a", "INFO b", "WARN c", "ERROR d", "CRITICAL e"];
  for (const [index, level] of log.LogLevelNames.entries()) {
    const { logger, handler } = createLogger(level);
    logAll(logger);
    assertEquals(handler.messages, all.slice(Math.max(0, index - 1)));
  }
});

Deno.test("Logger passes a record to all handlers, each filters by its level", () => {
  const low = new MemoryHandler("DEBUG");
  const high = new MemoryHandler("ERROR");
  const logger = new log.Logger("test", "INFO", { handlers: [low, high] });
  logAll(logger);
  assertEquals(low.messages, ["INFO b", "WARN c", "ERROR d", "CRITICAL e"]);
  assertEquals(high.messages, ["ERROR d", "CRITICAL e"]);
});

Deno.test("Logger has no handlers by default", () => {
  const logger = new log.Logger("test", "DEBUG");
  assertEquals(logger.handlers, []);
  assertEquals(logger.loggerName, "test");
});

Deno.test("Logger logs to the handlers that were assigned last", () => {
  const { logger, handler } = createLogger("INFO");
  const other = new MemoryHandler("INFO");
  logger.handlers = [other];
  logger.info("a");
  assertEquals(handler.messages, []);
  assertEquals(other.messages, ["INFO a"]);
});

Deno.test("Logger does not call a lazy message when the level is off", () => {
  const { logger, handler } = createLogger("WARN");
  let calls = 0;
  const result: number | undefined = logger.info(() => ++calls);
  assertEquals(result, undefined);
  assertEquals(calls, 0);
  assertEquals(handler.messages, []);
});

Deno.test("Logger calls a lazy message once when the level is on", () => {
  const handlers = [new MemoryHandler("INFO"), new MemoryHandler("INFO")];
  const logger = new log.Logger("test", "INFO", { handlers });
  let calls = 0;
  const result: number | undefined = logger.info(() => ++calls);
  assertEquals(result, 1);
  assertEquals(calls, 1);
  for (const handler of handlers) {
    assertEquals(handler.messages, ["INFO 1"]);
  }
});

Deno.test("Logger returns the message, logged or not", () => {
  const { logger, handler } = createLogger("ERROR");
  const message = { id: 1 };
  const quiet: { id: number } = logger.debug(message);
  const loud: { id: number } = logger.critical(message, "argument");
  assert(quiet === message);
  assert(loud === message);
  assertEquals(handler.messages.length, 1);
});

Deno.test("Logger turns messages into strings", () => {
  const { logger, handler } = createLogger("INFO");
  logger.info("plain");
  logger.info(1.5);
  logger.info(5n);
  logger.info(true);
  logger.info(null);
  logger.info(undefined);
  logger.info(Symbol("s"));
  logger.info({ payload: "data", nested: { other: 123n, none: null } });
  logger.info({ quoted: 'a "b"' });
  logger.info({ call: () => 1 });
  assertEquals(handler.messages, [
    "INFO plain",
    "INFO 1.5",
    "INFO 5",
    "INFO true",
    "INFO null",
    "INFO undefined",
    "INFO Symbol(s)",
    'INFO {"payload":"data","nested":{"other":123,"none":null}}',
    'INFO {"quoted":"a \\"b\\""}',
    'INFO {"call":undefined}',
  ]);
});

Deno.test("Logger turns an error into its stack", () => {
  const { logger, handler } = createLogger("INFO");
  const error = new RangeError("out of range");
  const result: RangeError = logger.error(error);
  assert(result === error);
  assertEquals(handler.messages, [`ERROR ${error.stack}`]);
  assert(handler.messages[0]?.startsWith("ERROR RangeError: out of range\n"));
});

Deno.test("Logger sets level and levelName together", () => {
  const { logger, handler } = createLogger("INFO");
  logger.level = log.LogLevels.ERROR;
  assertEquals([logger.level, logger.levelName], [40, "ERROR"]);
  logger.warn("a");
  logger.levelName = "WARN";
  assertEquals([logger.level, logger.levelName], [30, "WARN"]);
  logger.warn("b");
  assertEquals(handler.messages, ["WARN b"]);
});

Deno.test("Logger throws for an unknown level and stays as it is", () => {
  const { logger } = createLogger("INFO");
  const name = "LOUD" as log.LevelName;
  assertThrows(() => new log.Logger("test", name), Error, "LOUD");
  assertThrows(() => logger.levelName = name, Error, "LOUD");
  assertThrows(() => logger.level = 42 as log.LogLevel, TypeError, "42");
  assertEquals([logger.level, logger.levelName], [20, "INFO"]);
});

Deno.test("BaseHandler formats with its formatter, which gets the record", () => {
  const records: log.LogRecord[] = [];
  const { logger, handler } = createLogger("INFO", {
    formatter: (record) => {
      records.push(record);
      return `[${record.loggerName}] ${record.msg} ${record.args.join("+")}`;
    },
  });
  logger.warn("sum", 1, 2);
  assertEquals(handler.messages, ["[test] sum 1+2"]);
  const [record] = records;
  assert(record instanceof log.LogRecord);
  assertEquals(record?.msg, "sum");
  assertEquals(record?.args, [1, 2]);
  assertEquals(record?.level, log.LogLevels.WARN);
  assertEquals(record?.levelName, "WARN");
  assertEquals(record?.loggerName, "test");
  assert(record?.datetime instanceof Date);
});

Deno.test("BaseHandler does not format what its level leaves out", () => {
  let calls = 0;
  const formatter = () => `${++calls}`;
  const handler = new MemoryHandler("ERROR", { formatter });
  handler.handle(new log.LogRecord({ ...RECORD, level: 30 }));
  handler.handle(new log.LogRecord({ ...RECORD, level: 40 }));
  assertEquals(handler.messages, ["1"]);
});

Deno.test("BaseHandler sets level and levelName together", () => {
  const handler = new MemoryHandler("INFO");
  handler.level = log.LogLevels.ERROR;
  assertEquals([handler.level, handler.levelName], [40, "ERROR"]);
  handler.handle(new log.LogRecord({ ...RECORD, level: 30 }));
  handler.levelName = "WARN";
  assertEquals([handler.level, handler.levelName], [30, "WARN"]);
  handler.handle(new log.LogRecord({ ...RECORD, level: 30 }));
  assertEquals(handler.messages, ["WARN text"]);
});

Deno.test("BaseHandler throws for an unknown level", () => {
  const name = "LOUD" as log.LevelName;
  const handler = new MemoryHandler("INFO");
  assertThrows(() => new MemoryHandler(name), Error, "LOUD");
  assertThrows(() => handler.levelName = name, Error, "LOUD");
  assertThrows(() => handler.level = 42 as log.LogLevel, Error, "42");
});

Deno.test("ConsoleHandler writes plain text without colors", () => {
  const handler = new log.ConsoleHandler("INFO", {
    formatter: ({ levelName, msg }) => `${levelName}: ${msg}`,
    useColors: false,
  });
  const logger = new log.Logger("test", "DEBUG", { handlers: [handler] });
  assertEquals(captureConsole(() => logAll(logger)), [
    "INFO: b",
    "WARN: c",
    "ERROR: d",
    "CRITICAL: e",
  ]);
});

Deno.test("ConsoleHandler colors text unless NO_COLOR is set", () => {
  const handler = new log.ConsoleHandler("DEBUG");
  const logger = new log.Logger("test", "DEBUG", { handlers: [handler] });
  const plain = ["DEBUG a", "INFO b", "WARN c", "ERROR d", "CRITICAL e"];
  const colored = [
    "DEBUG a",
    "\x1b[34mINFO b\x1b[39m",
    "\x1b[33mWARN c\x1b[39m",
    "\x1b[31mERROR d\x1b[39m",
    "\x1b[1m\x1b[31mCRITICAL e\x1b[39m\x1b[22m",
  ];
  assertEquals(
    captureConsole(() => logAll(logger)),
    Deno.noColor ? plain : colored,
  );
});

Deno.test("getLogger() returns the default logger without a name", () => {
  const logger = log.getLogger();
  assert(logger === log.getLogger("default"));
  assertEquals(logger.loggerName, "default");
});

Deno.test("getLogger() logs INFO to the console before a setup", () => {
  const logger = log.getLogger();
  assertEquals(logger.levelName, "INFO");
  assertEquals(logger.handlers.length, 1);
  assert(logger.handlers[0] instanceof log.ConsoleHandler);
  assertEquals(logger.handlers[0]?.levelName, "INFO");
  assertEquals(captureConsole(() => logAll(logger)).length, 4);
});

Deno.test("getLogger() makes a silent logger for an unknown name, once", () => {
  const logger = log.getLogger("never set up");
  assertEquals(logger.loggerName, "never set up");
  assertEquals(logger.levelName, "NOTSET");
  assertEquals(logger.handlers, []);
  assert(logger === log.getLogger("never set up"));
  assertEquals(captureConsole(() => logAll(logger)), []);
});

Deno.test("setup() makes loggers with their level and handlers", () => {
  const a = new MemoryHandler("DEBUG");
  const b = new MemoryHandler("DEBUG");
  log.setup({
    handlers: { a, b },
    loggers: {
      both: { level: "ERROR", handlers: ["a", "b"] },
      plain: { handlers: ["b"] },
      bare: {},
    },
  });
  logAll(log.getLogger("both"));
  assertEquals(a.messages, ["ERROR d", "CRITICAL e"]);
  assertEquals(b.messages, a.messages);
  assertEquals(log.getLogger("plain").levelName, "INFO");
  assertEquals(log.getLogger("plain").handlers, [b]);
  assertEquals(log.getLogger("bare").handlers, []);
  log.setup({});
});

Deno.test("setup() ignores unknown handler names", () => {
  const known = new MemoryHandler("DEBUG");
  log.setup({
    handlers: { known },
    loggers: { test: { handlers: ["missing", "known"] } },
  });
  assertEquals(log.getLogger("test").handlers, [known]);
  log.setup({});
});

Deno.test("setup() replaces the configuration and destroys old handlers", () => {
  const before = new MemoryHandler("DEBUG");
  const after = new MemoryHandler("DEBUG");
  const loggers: Record<string, log.LoggerConfig> = {
    test: { level: "DEBUG", handlers: ["memory"] },
  };
  log.setup({ handlers: { memory: before }, loggers });
  const old = log.getLogger("test");
  assertEquals(before.calls, ["setup"]);

  log.setup({ handlers: { memory: after }, loggers });
  assertEquals(before.calls, ["setup", "destroy"]);
  assertEquals(after.calls, ["setup"]);
  assert(log.getLogger("test") !== old);
  log.getLogger("test").info("a");
  assertEquals(before.messages, []);
  assertEquals(after.messages, ["INFO a"]);

  log.setup({});
  assertEquals(before.calls, ["setup", "destroy"]);
  assertEquals(after.calls, ["setup", "destroy"]);
  assertEquals(log.getLogger("test").handlers, []);
});

Deno.test("setup() keeps the default logger where none is given", () => {
  const handler = new MemoryHandler("DEBUG");
  log.setup({ handlers: { default: handler } });
  assertEquals(log.getLogger().levelName, "INFO");
  assertEquals(log.getLogger().handlers, [handler]);
  log.setup({});
});

Deno.test("setup() throws for an unknown level name", () => {
  const level = "LOUD" as log.LevelName;
  assertThrows(
    () => log.setup({ loggers: { test: { level } } }),
    Error,
    "LOUD",
  );
  log.setup({});
});

Deno.test("debug() to critical() log to the default logger", () => {
  const handler = new MemoryHandler("DEBUG");
  log.setup({
    handlers: { handler },
    loggers: { default: { level: "DEBUG", handlers: ["handler"] } },
  });
  logAll(log);
  assertEquals(handler.messages, [
    "DEBUG a",
    "INFO b",
    "WARN c",
    "ERROR d",
    "CRITICAL e",
  ]);
  log.setup({});
});

Deno.test("debug() to critical() return messages as a logger does", () => {
  const handler = new MemoryHandler("DEBUG");
  log.setup({
    handlers: { handler },
    loggers: { default: { level: "WARN", handlers: ["handler"] } },
  });
  const value: number = log.debug(1);
  const off: number | undefined = log.info(() => 2);
  const on: number | undefined = log.warn(() => 3, "argument");
  const results = [value, off, on, log.error(4), log.critical(() => 5)];
  assertEquals(results, [1, undefined, 3, 4, 5]);
  assertEquals(handler.messages, ["WARN 3", "ERROR 4", "CRITICAL 5"]);
  log.setup({});
});
