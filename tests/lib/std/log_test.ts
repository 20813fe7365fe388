import { assert, assertEquals } from "@std/assert";
import * as log from "@std/log";

/** Keeps the messages and calls that it gets. */
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
function logAll(logger: log.Logger) {
  logger.debug("a");
  logger.info("b");
  logger.warn("c");
  logger.error("d");
  logger.critical("e");
}

const RECORD = { msg: "text", args: [], loggerName: "test" };

Deno.test("LogRecord has the name of its level and its time", () => {
  const before = Date.now();
  const record = new log.LogRecord({ ...RECORD, level: 20 });
  assertEquals(record.levelName, "INFO");
  assert(record.datetime.getTime() >= before);
});

Deno.test("Logger logs its level and above", () => {
  const all = ["DEBUG a", "INFO b", "WARN c", "ERROR d", "CRITICAL e"];
  const levels = Object.keys(log.LogLevels) as log.LevelName[];
  for (const [index, level] of levels.entries()) {
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

Deno.test("Logger does not call a lazy message when the level is off", () => {
  const { logger, handler } = createLogger("WARN");
  let calls = 0;
  logger.info(() => `${++calls}`);
  assertEquals([calls, handler.messages], [0, []]);
});

Deno.test("Logger calls a lazy message once when the level is on", () => {
  const handlers = [new MemoryHandler("INFO"), new MemoryHandler("INFO")];
  const logger = new log.Logger("test", "INFO", { handlers });
  let calls = 0;
  logger.info(() => `${++calls}`);
  for (const handler of handlers) assertEquals(handler.messages, ["INFO 1"]);
});

Deno.test("BaseHandler formats with its formatter, which gets the record", () => {
  const { logger, handler } = createLogger("INFO", {
    formatter: ({ levelName, level, loggerName, msg, args }) =>
      `${levelName} ${level} [${loggerName}] ${msg} ${args.join("+")}`,
  });
  logger.warn("sum", 1, 2);
  assertEquals(handler.messages, ["WARN 30 [test] sum 1+2"]);
});

Deno.test("BaseHandler does not format records below its level", () => {
  let calls = 0;
  const formatter = () => `${++calls}`;
  const handler = new MemoryHandler("ERROR", { formatter });
  handler.handle(new log.LogRecord({ ...RECORD, level: 30 }));
  handler.handle(new log.LogRecord({ ...RECORD, level: 40 }));
  assertEquals(handler.messages, ["1"]);
});

Deno.test("ConsoleHandler writes plain text", () => {
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

Deno.test("getLogger() makes a silent logger for an unknown name, once", () => {
  const logger = log.getLogger("never set up");
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
      plain: { handlers: ["b", "missing"] },
      bare: {},
    },
  });
  logAll(log.getLogger("both"));
  logAll(log.getLogger("bare"));
  assertEquals(a.messages, ["ERROR d", "CRITICAL e"]);
  assertEquals(b.messages, a.messages);
  log.getLogger("plain").debug("f");
  log.getLogger("plain").info("g");
  assertEquals(b.messages, [...a.messages, "INFO g"]);
  log.setup({});
});

Deno.test("setup() replaces the configuration and destroys old handlers", () => {
  const before = new MemoryHandler("DEBUG");
  const after = new MemoryHandler("DEBUG");
  const loggers: Record<string, log.LoggerConfig> = {
    test: { level: "DEBUG", handlers: ["memory"] },
  };
  log.setup({ handlers: { memory: before }, loggers });
  assertEquals(before.calls, ["setup"]);

  log.setup({ handlers: { memory: after }, loggers });
  assertEquals(before.calls, ["setup", "destroy"]);
  assertEquals(after.calls, ["setup"]);
  log.getLogger("test").info("a");
  assertEquals(before.messages, []);
  assertEquals(after.messages, ["INFO a"]);

  log.setup({});
  assertEquals(before.calls, ["setup", "destroy"]);
  assertEquals(after.calls, ["setup", "destroy"]);
});
