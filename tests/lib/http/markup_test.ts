import { assertEquals } from "@std/assert";
import { escapeXml, Html, markup } from "../../../lib/http/markup.ts";

Deno.test("escapeXml() replaces what XML reserves and forbids", () => {
  assertEquals(
    escapeXml('<a b="c">&\x00\ud800\ufffe'),
    "&lt;a b=&quot;c&quot;&gt;&amp;\ufffd\ufffd\ufffd",
  );
});

Deno.test("markup`` escapes texts, in attributes too", () => {
  const value = '"><script>';
  assertEquals(
    markup`<a title="${value}">${value}${1}</a>`.text,
    '<a title="&quot;&gt;&lt;script&gt;">&quot;&gt;&lt;script&gt;1</a>',
  );
});

Deno.test("markup`` leaves markup and lists of markup as they are", () => {
  const items = ["a", "<"].map((item) => markup`<li>${item}</li>`);
  assertEquals(
    markup`<ul>${items}</ul>${undefined}${new Html("<br>")}`.text,
    "<ul><li>a</li><li>&lt;</li></ul><br>",
  );
});
