import { assertEquals } from "@std/assert";
import { LogLevels, LogRecord } from "@std/log";
import {
  details,
  errorFields,
  FIELDS,
  line,
  type LogFields,
} from "../../../lib/log/fields.ts";
import { jsonLine, textLine } from "../../../lib/log/log.ts";

function record([msg, ...args]: [string, ...LogFields[]]): LogRecord {
  return new LogRecord({
    msg,
    args,
    level: LogLevels.INFO,
    loggerName: "httpd_ws",
  });
}

function text(args: [string, ...LogFields[]]): string {
  return textLine(record(args)).replace(/^I \(\d+\) httpd_ws: /, "");
}

function json(args: [string, ...LogFields[]]): Record<string, unknown> {
  const { time: _time, ms: _ms, level: _level, tag: _tag, ...rest } = JSON
    .parse(jsonLine(record(args)));
  return rest;
}

Deno.test("line() makes a message, and a field of each value", () => {
  const made = line`Connection of sock ${{
    "session.id": "a-1",
  }} closed with ${{
    "websocket.close.code": 1000,
  }}`;
  assertEquals(text(made), "Connection of sock a-1 closed with 1000");
  assertEquals(json(made), {
    message: "Connection of sock a-1 closed with 1000",
    "session.id": "a-1",
    "websocket.close.code": 1000,
  });
});

Deno.test("details() stand after the message, and not in the message of JSON", () => {
  const fields = details({
    listener: "edge",
    "url.path": undefined,
    "user_agent.original": 'a "b"',
    "websocket.sent.bytes": 0,
  });
  assertEquals(
    text(["Opened", fields]),
    'Opened listener=edge agent="a \\"b\\"" sent_bytes=0',
  );
  assertEquals(json(["Opened", fields]), {
    message: "Opened",
    listener: "edge",
    "user_agent.original": 'a "b"',
    "websocket.sent.bytes": 0,
  });
});

Deno.test("text of a client in a field is escaped and cut", () => {
  const hostile = `\x1b[31m\n${"x".repeat(200)}`;
  const shown = `\\u001b[31m\\n${"x".repeat(122)}…`;
  const made = line`Path ${{ "url.path": hostile }}`;
  assertEquals(text(made), `Path ${shown}`);
  assertEquals(json(made)["url.path"], shown);
  assertEquals(
    text(["m", details({ "url.path": hostile })]),
    `m path=${shown}`,
  );
});

Deno.test("errorFields() has type, message and stack", () => {
  const fields = errorFields(
    new TypeError("no\nway"),
    "    at f (file:///a.ts)",
  );
  assertEquals(
    text(["failed:", fields]),
    "failed: TypeError: no\\nway\n    at f (file:///a.ts)",
  );
  assertEquals(json(["failed:", fields]), {
    message: "failed: TypeError: no\\nway",
    "exception.type": "TypeError",
    "exception.message": "no\\nway",
    "exception.stacktrace": "    at f (file:///a.ts)",
  });
});

Deno.test("no field has the name of a part of every line", () => {
  const parts = ["time", "ms", "level", "tag", "message"];
  assertEquals(parts.filter((part) => Object.hasOwn(FIELDS, part)), []);
});
