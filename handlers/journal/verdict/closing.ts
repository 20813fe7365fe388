/**
 * Rules about the closing handshake (RFC 6455 §5.5.1 and §7).
 *
 * @module
 */

import { CLOSE_CODE, decodeClose } from "../../../lib/protocol/close_code.ts";
import type { ConnectionRecord } from "../record/connection_record.ts";
import type { FrameEntry } from "../record/entry.ts";
import {
  closeOf,
  closeStartedBy,
  codeOf,
  codeText,
  tcpEndOf,
} from "./facts.ts";
import {
  amount,
  failed,
  type Judgement,
  notTested,
  passed,
  type Rule,
} from "./rule.ts";

/** Milliseconds without an answer to a CLOSE after which there is none. */
export const CLOSE_TIME = 2000;

/**
 * Milliseconds that a client leaves the server to end TCP; RFC 6455 §7.1.1 has no number.
 * A client that waits longer may end TCP itself.
 */
export const TCP_CLOSE_TIME = 500;

/** Milliseconds that the server must wait with the end of TCP, to see that the client does. */
export const TCP_WAIT_SEEN = 100;

/** The rules about the closing handshake. */
export const CLOSING_RULES: readonly Rule[] = [
  {
    id: "close-answered",
    section: "RFC 6455 §5.5.1",
    level: "MUST",
    text: "The server's CLOSE is answered with a CLOSE.",
    isOnEdge: true,
    judge: judgeAnswer,
  },
  {
    id: "close-echo",
    section: "RFC 6455 §5.5.1",
    level: "SHOULD",
    text: "The answer to a CLOSE has the same code.",
    isOnEdge: true,
    judge(record) {
      const server = closeOf(record, "server");
      const answer = answerTo(record, server);
      if (server === undefined || answer === undefined) {
        return notTested("the client answers no CLOSE");
      }
      if (mustFail(record)) return notTested(FAILURE_IS_DUE);
      const [expected, code] = [codeOf(server), codeOf(answer)];
      // A CLOSE without a code says nothing; an API may answer it with 1000.
      const isSame = code === expected ||
        expected === undefined && code === CLOSE_CODE.normal;
      return isSame ? passed([server, answer], codeText(code)) : failed(
        [server, answer],
        `${codeText(code)} after ${codeText(expected)}`,
      );
    },
  },
  {
    id: "close-payload",
    section: "RFC 6455 §7.4",
    level: "MUST",
    text: "A CLOSE has a code that may be sent, and a reason in UTF-8.",
    isOnEdge: true,
    judge(record) {
      const close = closeOf(record, "client");
      if (close === undefined) return notTested("the client sends no CLOSE");
      try {
        const { code } = decodeClose(close.head);
        return passed([close], codeText(code));
      } catch (error) {
        return failed([close], (error as Error).message);
      }
    },
  },
  {
    id: "nothing-after-close",
    section: "RFC 6455 §5.5.1",
    level: "MUST",
    text: "The client sends nothing after its CLOSE.",
    isOnEdge: false,
    judge(record) {
      const close = closeOf(record, "client");
      if (close === undefined) return notTested("the client sends no CLOSE");
      const later = record.entries.filter(({ n, from, kind }) =>
        n > close.n && from === "client" &&
        (kind === "frame" || kind === "bytes")
      );
      return later.length === 0 ? passed([close]) : failed(
        [close, ...later],
        `${amount(later.length, "frame")} after CLOSE`,
      );
    },
  },
  {
    id: "close-handshake",
    section: "RFC 6455 §7.2.1",
    level: "SHOULD",
    text: "The client does not end TCP without the closing handshake.",
    isOnEdge: true,
    judge: judgeHandshake,
  },
  {
    id: "tcp-close",
    section: "RFC 6455 §7.1.1",
    level: "SHOULD",
    text:
      `After the closing handshake, the client waits for the server to end TCP: ${TCP_CLOSE_TIME} ms at least.`,
    isOnEdge: false,
    judge: judgeTcp,
  },
];

/** The client's CLOSE after the server's. */
function answerTo(
  record: ConnectionRecord,
  server: FrameEntry | undefined,
): FrameEntry | undefined {
  const client = closeOf(record, "client");
  if (server === undefined || client === undefined) return undefined;
  return client.n > server.n ? client : undefined;
}

const FAILURE_IS_DUE =
  "the server violates a rule on purpose; fault-reaction judges the reaction";

/** Whether the client has to fail the connection instead of answering a CLOSE. */
function mustFail({ entries }: ConnectionRecord): boolean {
  return entries.some((entry) =>
    entry.kind === "fault" && entry.expectation.reaction === "fail"
  );
}

function judgeAnswer(record: ConnectionRecord): Judgement {
  const server = closeOf(record, "server");
  if (server === undefined || closeStartedBy(record) !== "server") {
    return notTested("the server does not start the closing handshake");
  }
  const answer = answerTo(record, server);
  if (answer !== undefined) return passed([server, answer]);
  if (mustFail(record)) return notTested(FAILURE_IS_DUE);
  const end = tcpEndOf(record, "client");
  const serverEnd = tcpEndOf(record, "server");
  const isClients = end !== undefined &&
    (serverEnd === undefined || end.n < serverEnd.n);
  if (isClients) {
    return failed([server, end], "the client ends TCP without a CLOSE");
  }
  const waited = (serverEnd?.time ?? record.duration) - server.time;
  return waited >= CLOSE_TIME
    ? failed([server], `no CLOSE within ${Math.round(waited)} ms`)
    : notTested("the server ended TCP before an answer was due");
}

function judgeHandshake(record: ConnectionRecord): Judgement {
  if (record.isRefused || record.response === undefined) {
    return notTested("the connection was not opened");
  }
  if (record.entries.some(({ kind }) => kind === "fault")) {
    return notTested(
      "the server violates a rule on purpose; fault-reaction judges the end",
    );
  }
  const client = closeOf(record, "client");
  if (client !== undefined) return passed([client]);
  const end = tcpEndOf(record, "client");
  const serverEnd = tcpEndOf(record, "server");
  const isServers = serverEnd !== undefined &&
    (end === undefined || serverEnd.n < end.n);
  return end === undefined || isServers
    ? notTested("the client does not end TCP first")
    : failed([end], "the client ends TCP without a CLOSE");
}

function judgeTcp(record: ConnectionRecord): Judgement {
  const closes = [closeOf(record, "client"), closeOf(record, "server")];
  const [client, server] = closes;
  if (client === undefined || server === undefined) {
    return notTested("the closing handshake is not complete");
  }
  const complete = client.n > server.n ? client : server;
  const end = tcpEndOf(record, "client");
  const serverEnd = tcpEndOf(record, "server");
  const isClients = end !== undefined &&
    (serverEnd === undefined || end.n < serverEnd.n);
  const until = (isClients ? end : serverEnd)?.time ?? record.duration;
  const waited = Math.round(until - complete.time);
  if (isClients && waited < TCP_CLOSE_TIME) {
    return failed([complete, end], `the client ends TCP after ${waited} ms`);
  }
  return waited >= TCP_WAIT_SEEN
    ? passed([complete], `the client waits ${waited} ms`)
    : notTested("the server ends TCP at once");
}
