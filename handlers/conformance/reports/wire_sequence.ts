/**
 * A wire log as a table for a page: sender, content and time of each entry.
 *
 * @module
 */

import type { LogEntry } from "../../../lib/conformance/case/log_entry.ts";
import type { Role } from "../../../lib/conformance/case/result.ts";
import { OPCODE_NUMBER } from "../../../lib/websocket.ts";
import { type Html, markup } from "../../../lib/http/markup.ts";

const OPCODE_NAME: ReadonlyMap<number, string> = new Map(
  Object.entries(OPCODE_NUMBER).map((
    [name, number],
  ) => [number, name.toUpperCase()]),
);

/**
 * Makes a table of the entries.
 *
 * @param log the entries
 * @param omitted number of entries that were not kept
 * @param role the side of this server
 */
export function wireSequence(
  log: readonly LogEntry[],
  omitted: number,
  role: Role,
): Html {
  const left =
    markup`<p class="hint">${omitted} more entries were not kept.</p>`;
  return markup`<div class="filters"><label class="chip"><input type="checkbox" id="show-bytes"><span>Bytes of TCP</span></label></div>
<div class="table" tabindex="0" role="region" aria-label="Frames in order">
<table class="sequence">
<thead><tr><th scope="col">time</th><th scope="col">direction</th><th scope="col">what</th><th scope="col">content</th></tr></thead>
<tbody>
${log.map((entry) => line(entry, role))}</tbody>
</table>
</div>
${omitted > 0 ? left : undefined}`;
}

function line(entry: LogEntry, role: Role): Html {
  const { direction, className, what, content } = described(entry, role);
  return markup`<tr class="${className}"><td>${
    entry.at.toFixed(1)
  } ms</td><td>${direction}</td><td>${what}</td><td><code>${content}</code></td></tr>
`;
}

interface Description {
  readonly direction: string;
  readonly className: string;
  readonly what: string;
  readonly content: string;
}

function described(entry: LogEntry, role: Role): Description {
  const event = (what: string): Description => ({
    direction: "",
    className: "event",
    what,
    content: "",
  });
  switch (entry.kind) {
    case "frame":
      return {
        ...sideOf(entry.sent, role),
        what: frameText(entry),
        content: frameContent(entry),
      };
    case "octets": {
      const side = sideOf(entry.sent, role);
      return {
        direction: side.direction,
        className: "bytes",
        what: `${entry.length} bytes${
          entry.alone ? ", a write of its own" : ""
        }`,
        content: spaced(entry.head) + cutMark(entry),
      };
    }
    case "wait":
      return event(`wait, at most ${entry.seconds} s${named(entry.tag)}`);
    case "wait over":
      return event(`the wait is over${named(entry.tag)}`);
    case "limit":
      return event(
        `time limit: after ${entry.seconds} s the server ` +
          (entry.action === "fail" ? "fails the connection" : "sends CLOSE"),
      );
    case "limit over":
      return event(
        `the time limit has passed: the server ` +
          (entry.action === "fail" ? "fails the connection" : "sends CLOSE"),
      );
    case "logging":
      return event(
        entry.enabled
          ? "frames are logged again"
          : "frames are counted from here on, and not logged",
      );
    case "end": {
      const isServer = (entry.by === "engine") === (role === "server");
      return event(`the ${isServer ? "server" : "client"} ended TCP`);
    }
  }
}

function sideOf(
  sent: boolean,
  role: Role,
): { readonly direction: string; readonly className: string } {
  const isFromServer = sent === (role === "server");
  return {
    direction: isFromServer ? "server → client" : "client → server",
    className: isFromServer ? "sent" : "received",
  };
}

function frameText(entry: LogEntry & { readonly kind: "frame" }): string {
  const { opcode, final, rsv, length, mask, chop } = entry;
  const name = OPCODE_NAME.get(opcode) ?? `reserved opcode ${opcode}`;
  const bits = [1, 2, 3].filter((bit) => (rsv & (8 >> bit)) !== 0)
    .map((bit) => `RSV${bit}`);
  return [
    name,
    final ? "FIN" : "no FIN",
    ...bits,
    `${length} ${length === 1 ? "byte" : "bytes"}`,
    ...(mask === undefined ? [] : ["masked"]),
    ...(chop === undefined ? [] : [`in writes of ${chop}`]),
  ].join(", ");
}

const decoder = new TextDecoder("utf-8", { fatal: true });

function frameContent(entry: LogEntry & { readonly kind: "frame" }): string {
  const { opcode, head, length } = entry;
  if (length === 0) return "";
  const bytes = Uint8Array.fromHex(head);
  if (opcode === OPCODE_NUMBER.close && bytes.length >= 2) {
    const code = bytes[0]! << 8 | bytes[1]!;
    const reason = bytes.subarray(2);
    return `${code} ${reason.length > 0 ? textOf(reason) : ""}`.trimEnd();
  }
  return textOf(bytes) + cutMark(entry);
}

/** A text in quotes or, if it is none, the bytes in hexadecimal digits. */
function textOf(bytes: Uint8Array): string {
  try {
    const text = decoder.decode(bytes);
    // deno-lint-ignore no-control-regex
    if (!/[\x00-\x08\x0e-\x1f\x7f]/.test(text)) return JSON.stringify(text);
  } catch {
    // Shown as bytes.
  }
  return spaced(bytes.toHex());
}

function spaced(hex: string): string {
  return hex.replace(/..(?=.)/g, "$& ");
}

function cutMark(
  { head, length }: { readonly head: string; readonly length: number },
): string {
  return head.length < 2 * length ? " …" : "";
}

function named(tag: string | undefined): string {
  return tag === undefined ? "" : ` (${tag})`;
}
