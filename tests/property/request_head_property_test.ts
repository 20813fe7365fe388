import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { findHeadEnd, parseHead } from "../../lib/frame/codec/request_head.ts";
import { handshakeHead } from "../conformance/client.ts";
import { toBytes } from "../conformance/wire.ts";
import { mutate, mutation } from "./arbitraries.ts";
import { check } from "./check.ts";

const latin1 = new TextDecoder("latin1");

/** Decodes Latin-1 as the head reader does. */
function toText(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function assertSound(text: string): void {
  const verdict = parseHead(text);
  if (!verdict.ok) {
    assert([400, 431, 505].includes(verdict.error.status));
    assert(/^[A-Z].*\.$/.test(verdict.error.message));
    return;
  }
  const { method, target, httpVersion, headers } = verdict.head;
  assert(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(method));
  assert(/^\d\.\d$/.test(httpVersion));
  assert(/^\/[\x21-\x7e]*$/.test(target) && !target.includes("#"));
  assert(URL.canParse(`http://localhost${target}`));
  for (const [, value] of headers) {
    // deno-lint-ignore no-control-regex -- it finds control characters
    assert(!/[\x00-\x08\x0a-\x1f\x7f]/.test(value));
  }
}

const HEADS = [
  handshakeHead(),
  handshakeHead("/ws?a=b", { "Content-Length": "0", "Origin": "https://a.b" }),
  handshakeHead("", {}, "GET http://a.b/ws?c HTTP/1.1"),
].map(toBytes);

Deno.test("parseHead() gives a valid head or a refusal for any text", () => {
  const piece = fc.constantFrom(
    ...["GET ", "/", " HTTP/1.1", "\r\n", "\n", "\r", ":", " ", "\t", "\0"],
    ...["Host", "a", "http://", "#", "?", "%", "\xff", "chunked", "1", "//"],
    ...["Transfer-Encoding: ", "Content-Length: "],
  );
  const text = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map(toText),
    fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join("")),
    fc.array(piece, { maxLength: 10 }).map((pieces) =>
      `GET /${pieces.join("")} HTTP/1.1\r\nHost: a\r\n\r\n`
    ),
    fc.array(piece, { maxLength: 10 }).map((pieces) =>
      `GET / HTTP/1.1\r\nHost: a\r\n${pieces.join("")}\r\n\r\n`
    ),
  );
  check(5, fc.property(text, assertSound));
});

Deno.test("parseHead() gives a valid head or a refusal for mutated heads", () => {
  const mutations = fc.array(mutation, { minLength: 1, maxLength: 4 });
  check(
    5,
    fc.property(fc.constantFrom(...HEADS), mutations, (head, mutations) => {
      assertSound(toText(mutations.reduce(mutate, head)));
    }),
  );
});

Deno.test("findHeadEnd() finds the first empty line, wherever the search begins", () => {
  const piece = fc.constantFrom("\r\n", "\r", "\n", "a", "\r\n\r\n");
  const text = fc.array(piece, { maxLength: 12 }).map((pieces) =>
    pieces.join("")
  );
  check(
    2,
    fc.property(text, (text) => {
      const bytes = toBytes(text);
      const at = latin1.decode(bytes).indexOf("\r\n\r\n");
      const end = at < 0 ? -1 : at + 4;
      for (let from = 0; from <= bytes.length; from++) {
        if (end >= 0 && from >= end) break;
        assertEquals(findHeadEnd(bytes, from), end);
      }
    }),
  );
});
