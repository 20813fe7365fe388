import { assert, assertEquals, assertMatch } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { VERSION } from "../../lib/config/version.ts";
import { isInstalled } from "../installed.ts";
import { permitted, testWith } from "../permissions.ts";
import { CONTENT, makeArchive, run } from "./archive.ts";
import { tryArchive } from "./trial.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

Deno.test("the archive has what deno.json publishes, the lock file and the changelog", () => {
  assertEquals(
    [...CONTENT],
    [...config.publish.include, "CHANGELOG.md", "deno.lock"].sort(),
  );
});

const hasTools = Deno.build.os === "linux" && permitted({ name: "run" }) &&
  isInstalled("git", "--version") && isInstalled("tar", "--version") &&
  isRepository();

function isRepository(): boolean {
  return new Deno.Command("git", {
    args: ["rev-parse", "HEAD"],
    cwd: ROOT,
    stdout: "null",
    stderr: "null",
  }).outputSync().success;
}

testWith(
  { run: true, read: true, write: true, env: true },
  `the archive starts with an empty cache${
    hasTools ? "" : " (ignored: needs Linux, git, tar and a repository)"
  }`,
  {
    ignore: !hasTools,
    async fn() {
      const folder = await Deno.makeTempDir();
      try {
        const archive = await makeArchive(ROOT, "HEAD", "echo", folder);
        const files = await run(folder, "tar", ["-tzf", archive]);
        assert(!/^echo\/(tests|\.)/m.test(files));
        const trial = await tryArchive(archive, ["--workers", "2"]);
        assertEquals(trial.version, `ws-echo-server ${VERSION}`);
        assertMatch(trial.output, /^READY \{"edge":"http:.*"frame":"ws:.*\}$/m);
        assertMatch(trial.output, /2 threads share the ports/);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  },
);
