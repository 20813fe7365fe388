import { assert, assertEquals } from "@std/assert";
import {
  agreeOnDeflate,
  deflateResponse,
} from "../../lib/frame/codec/deflate_offer.ts";
import { parseExtensions } from "../../lib/frame/codec/extensions.ts";
import { MAX_FIELDS, MAX_HEAD } from "../../lib/frame/codec/request_head.ts";
import { testWith } from "../permissions.ts";

const FOLDER = new URL("../../lib/frame/", import.meta.url);

function readme(): Promise<string> {
  return Deno.readTextFile(new URL("README.md", FOLDER));
}

testWith(
  { read: true },
  "lib/frame/README.md lists the server's answer to each parameter of permessage-deflate",
  async () => {
    const rows = [
      ...(await readme()).matchAll(
        /^\| `((?:server|client)_[^`]+)` +\| (?:`([^`]+)`|–) +\|/gm,
      ),
    ];
    for (const [, offered, answered] of rows) {
      const offers = parseExtensions(`permessage-deflate; ${offered}`)!;
      const response = deflateResponse(agreeOnDeflate(offers)!);
      const expected = answered === undefined ? "" : `; ${answered}`;
      assertEquals(response, `permessage-deflate${expected}`);
    }
    assertEquals(rows.length, 5);
  },
);

testWith(
  { read: true },
  "lib/frame/README.md names the limits of a request head",
  async () => {
    const limits = `at most ${MAX_HEAD} bytes and ${MAX_FIELDS} fields`;
    assert((await readme()).includes(limits));
  },
);

testWith(
  { read: true },
  "lib/frame/README.md lists the files of codec and transport",
  async () => {
    const text = await readme();
    for (const folder of ["codec", "transport"]) {
      const start = text.indexOf(`\n## ${folder}\n`);
      const section = text.slice(start, text.indexOf("\n## ", start + 1));
      const listed = section.split("\n").filter((line) => line.startsWith("|"))
        .flatMap((line) =>
          [...line.split("|")[1]!.matchAll(/`([^`]+)`/g)].map(([, name]) =>
            name
          )
        );
      const files: string[] = [];
      for await (
        const { name } of Deno.readDir(new URL(`${folder}/`, FOLDER))
      ) {
        files.push(name);
      }
      assertEquals(listed.toSorted(), files.toSorted());
    }
  },
);
