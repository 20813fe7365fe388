import { assertEquals } from "@std/assert";
import { maskParameter } from "../../lib/http/secret_masking.ts";
import { testWith } from "../permissions.ts";

const README = new URL("../../lib/http/README.md", import.meta.url);

testWith(
  { read: true },
  "lib/http/README.md lists names of secrets that are masked",
  async () => {
    const readme = await Deno.readTextFile(README);
    const [section] = /is a secret if its name:[^.]*\./.exec(readme)!;
    const names = [...section.matchAll(/`([a-z-]+)`/g)].map(([, name]) =>
      name!
    );
    const shown = names.filter((name) => maskParameter(name, "x") !== "***");
    assertEquals([names.length, shown], [16, []]);
  },
);
