import { assertEquals } from "@std/assert";
import { CLOSE_CODE } from "../../lib/protocol/close_code.ts";
import { addSecurityFields } from "../../lib/protocol/security_fields.ts";
import { testWith } from "../permissions.ts";

const FOLDER = new URL("../../lib/protocol/", import.meta.url);

function readme(): Promise<string> {
  return Deno.readTextFile(new URL("README.md", FOLDER));
}

testWith(
  { read: true },
  "lib/protocol/README.md lists the close codes",
  async () => {
    const rows = (await readme()).matchAll(/^\| (\d{4}) \| `(\w+)` +\|/gm);
    const listed = [...rows].map(([, code, name]) => [name!, Number(code)]);
    assertEquals(Object.fromEntries(listed), { ...CLOSE_CODE });
  },
);

testWith(
  { read: true },
  "lib/protocol/README.md lists the security fields",
  async () => {
    const headers = new Headers();
    addSecurityFields(headers);
    const rows = (await readme()).matchAll(
      /^\| `([a-z-]+)` +\| `([^`]+)` +\|$/gm,
    );
    const listed = new Map([...rows].map(([, name, value]) => [name!, value!]));
    assertEquals(listed, new Map(headers));
  },
);
