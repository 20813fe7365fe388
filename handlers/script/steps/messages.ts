/**
 * Steps that send and take messages.
 *
 * @module
 */

import { isSliceOver, nextSlice } from "../../../lib/scheduling/scheduler.ts";
import {
  type Argument,
  bytes,
  MAX_BYTES,
  MAX_TIME,
  MAX_UNNOTICED,
  messages,
  ms,
  number,
  optional,
  text,
} from "../arguments/argument.ts";
import { free } from "../../../lib/memory/resize.ts";
import type { Run } from "../engine/run.ts";
import { settled } from "../engine/settled.ts";
import { type Step, step } from "../engine/step.ts";
import { followCommands } from "./commands.ts";

const SIZE: Argument<number> = number("BYTES", 0, MAX_BYTES, "bytes");

const INTERVAL: Argument<number> = number("MS", 10, MAX_TIME, "ms");

const COUNT_OR_CLOSE: Argument<number | "close"> = {
  name: "WHAT",
  allowed: `${messages.allowed}, or close`,
  parse: (text) => text === "close" ? text : messages.parse(text),
};

const PAYLOAD = text("TEXT", 125);

const encoder = new TextEncoder();

/** The steps that send and take messages. */
export const MESSAGE_STEPS: readonly Step[] = [
  step({
    name: "text",
    phase: "connection",
    needs: "any",
    sends: true,
    arguments: [text("TEXT")],
    sentence: "Sends a text message.",
    example: "text:hello",
    client: "Delivers the message.",
    section: "RFC 6455 §5.6",
    suites: ["all"],
    run: (run, [text]) => run.endpoint.send(text),
  }),
  step({
    name: "binary",
    phase: "connection",
    needs: "any",
    sends: true,
    arguments: [bytes()],
    sentence: "Sends a binary message: hex, or a number of equal bytes.",
    example: "binary:00ff/binary:70000:61",
    client: "Delivers the message.",
    section: "RFC 6455 §5.6",
    suites: ["all"],
    outputBytes: ([source]) => source.length,
    run: (run, [source]) => sendLong(run, source.make(), "binary"),
  }),
  step({
    name: "size",
    phase: "connection",
    needs: "any",
    sends: true,
    arguments: [SIZE],
    sentence: "Sends a text message of this many letters.",
    example: "size:65536",
    client:
      "Delivers the message, or fails the connection with 1009 at its limit.",
    section: "RFC 6455 §5.2",
    suites: ["web-platform-tests", "okhttp", "undici", "ws", "Espressif"],
    outputBytes: ([size]) => size,
    run: (run, [size]) =>
      sendLong(run, new Uint8Array(size).fill(0x61), "text"),
  }),
  step({
    name: "burst",
    phase: "connection",
    needs: "any",
    sends: true,
    arguments: [
      number("N", 1, 65_536, "messages"),
      number("BYTES", 0, 65_536, "bytes"),
    ],
    sentence:
      "Sends this many binary messages of this size, as fast as the client reads.",
    check: ([count, size]) =>
      count * size <= MAX_BYTES
        ? undefined
        : `N times BYTES is at most ${MAX_BYTES}`,
    example: "burst:1000:100",
    client: "Delivers all messages in their order.",
    section: "RFC 6455 §5.4",
    suites: ["web-platform-tests", "undici", "ws", "gorilla"],
    run: (run, [count, size]) => sendAll(run, burst(count, size)),
  }),
  step({
    name: "fragments",
    phase: "connection",
    needs: "frame",
    sends: true,
    arguments: [
      number("N", 1, 1024, "frames"),
      optional(text("TEXT")),
    ],
    sentence: "Sends a text message in this many frames; some may be empty.",
    example: "fragments:3:hello",
    client: "Delivers one message.",
    section: "RFC 6455 §5.4",
    suites: ["Autobahn", "web-platform-tests", "okhttp", "Espressif"],
    run: (run, [count, text = "hello"]) => sendFragments(run, count, text),
  }),
  step({
    name: "ping",
    phase: "connection",
    needs: "frame",
    sends: true,
    arguments: [optional(PAYLOAD)],
    sentence: "Sends a PING.",
    example: "ping:42",
    client: "Answers with a PONG that has the same payload.",
    section: "RFC 6455 §5.5.2",
    suites: ["Autobahn", "okhttp", "undici", "ws", "Espressif"],
    run: (run, [payload = ""]) => run.endpoint.ping(encoder.encode(payload)),
  }),
  step({
    name: "pong",
    phase: "connection",
    needs: "frame",
    sends: true,
    arguments: [optional(PAYLOAD)],
    sentence: "Sends a PONG that no PING has asked for.",
    example: "pong:42",
    client: "Ignores it.",
    section: "RFC 6455 §5.5.3",
    suites: ["Autobahn", "okhttp", "undici"],
    run: (run, [payload = ""]) =>
      run.endpoint.send(encoder.encode(payload), { opcode: "pong" }),
  }),
  step({
    name: "echo",
    phase: "connection",
    needs: "any",
    takesMessages: true,
    arguments: [optional(messages)],
    isEndless: ([count]) => count === undefined,
    sentence: "Echoes this many messages; without a number, all.",
    example: "echo:3/close:1000",
    client: "Sends messages and gets them back.",
    section: "RFC 6455 §5.6",
    suites: ["all"],
    run: (run, [count]) => run.echo(count),
  }),
  step({
    name: "await",
    phase: "connection",
    needs: "any",
    takesMessages: true,
    arguments: [optional(COUNT_OR_CLOSE)],
    isEndless: ([what]) => what === undefined,
    needsWith: ([what]) => what === "close" ? "wire" : "any",
    takesClose: ([what]) => what === "close",
    sentence:
      "Reads this many messages and answers none; without a number, all; with close, waits for the client's CLOSE and leaves the answer to the steps after it.",
    example: "await:close/text:late/close:1000",
    client: "Sends messages; accepts data until the server's CLOSE.",
    section: "RFC 6455 §5.5.1",
    suites: ["web-platform-tests", "undici", "ws", "dotnet"],
    run: (run, [what]) =>
      what === "close" ? run.wire.closeReceived() : run.take(what),
  }),
  step({
    name: "say-goodbye",
    phase: "connection",
    needs: "any",
    takesMessages: true,
    arguments: [],
    isEndless: () => true,
    sentence:
      "Echoes, and follows the messages Goodbye, .close, .shutdown, .closeafter, .shutdownafter, .abort, .delay5sec and .receiveMessageAfterClose.",
    example: "say-goodbye",
    client: "Sends a command, and reacts to its effect.",
    section: "RFC 6455 §7.1.2",
    suites: ["web-platform-tests", "dotnet"],
    run: (run) => followCommands(run),
  }),
  step({
    name: "wait",
    phase: "connection",
    needs: "any",
    prefersWire: ([ms]) => ms > MAX_UNNOTICED,
    arguments: [ms],
    sentence: "Waits for this time; PING and CLOSE are answered.",
    example: "text:one/wait:500/text:two",
    client: "Waits.",
    section: "",
    suites: ["web-platform-tests", "okhttp", "dotnet"],
    run: (run, [ms]) => run.wait(ms),
  }),
  step({
    name: "within",
    phase: "connection",
    needs: "any",
    needsLater: "messages",
    arguments: [ms],
    sentence: "Ends the next echo or await after this time at the latest.",
    example: "within:2000/echo/close:4000",
    client: "Waits, or sends messages.",
    section: "",
    suites: [],
    run: (run, [ms]) => run.setWithin(ms),
  }),
  step({
    name: "tick",
    phase: "connection",
    needs: "any",
    isOnce: true,
    arguments: [INTERVAL],
    sentence:
      "From now on, sends a JSON text at this interval, with the members tick (a number) and time.",
    example: "tick:1000",
    client: "Delivers the messages.",
    section: "",
    suites: [],
    run(run, [ms]) {
      run.timers.every(ms, (tick) => {
        const time = new Date().toISOString();
        run.endpoint.send(JSON.stringify({ tick, time }));
      });
    },
  }),
  step({
    name: "ping-every",
    phase: "connection",
    needs: "frame",
    isOnce: true,
    arguments: [INTERVAL],
    sentence:
      "From now on, sends a PING at this interval, with its number as payload.",
    example: "ping-every:1000",
    client: "Answers each with a PONG.",
    section: "RFC 6455 §5.5.2",
    suites: ["okhttp", "Espressif"],
    run(run, [ms]) {
      run.timers.every(ms, (count) => {
        run.endpoint.ping(encoder.encode(String(count)));
      });
    },
  }),
];

/** Bytes that are sent before the step waits for the client to read. */
const CHUNK = 2 ** 20;

/** Bytes of memory per message in addition to its payload. */
const MESSAGE_BYTES = 256;

/** Messages between two checks of the time slice. */
const STRIDE = 8;

/** Sends one message, whose buffer is used by no other code. */
function sendLong(
  { endpoint }: Run,
  message: Uint8Array<ArrayBuffer>,
  opcode: "text" | "binary",
): Promise<void> {
  endpoint.send(message, { opcode });
  // The wire sends a copy; V8 collects large buffers late.
  if (endpoint.wire !== undefined) free(message.buffer);
  return settled(endpoint);
}

/** Sends messages as fast as the client reads, and yields to other connections. */
async function sendAll(
  { endpoint }: Run,
  messages: Iterable<Uint8Array>,
): Promise<void> {
  let sent = 0;
  let count = 0;
  for (const message of messages) {
    endpoint.send(message);
    sent += message.length + MESSAGE_BYTES;
    if (++count % STRIDE === 0 && isSliceOver()) await nextSlice();
    if (sent < CHUNK) continue;
    sent = 0;
    await endpoint.flushed();
  }
  await settled(endpoint);
}

function* burst(count: number, size: number): Generator<Uint8Array> {
  const message = new Uint8Array(size).fill(0x61);
  for (let i = 0; i < count; i++) yield message;
}

/** Other connections come before the next step. */
function sendFragments(
  run: Run,
  count: number,
  text: string,
): Promise<void> {
  const payload = encoder.encode(text);
  for (let i = 0; i < count; i++) {
    const [start, end] = [i, i + 1].map((part) =>
      Math.floor(part * payload.length / count)
    );
    run.endpoint.send(payload.subarray(start, end), {
      opcode: i === 0 ? "text" : "continuation",
      final: i === count - 1,
    });
  }
  return settled(run.endpoint);
}
