import { assertEquals } from "@std/assert";
import { within } from "../../../integration/support/within.ts";
import { testWith } from "../../../permissions.ts";

testWith(
  { run: true, read: true },
  "joinWorkerPool() ends the process with one line when a thread cannot start",
  async () => {
    const program = new URL("faulty_start.ts", import.meta.url).pathname;
    const { code, stdout, stderr } = await within(
      new Deno.Command(Deno.execPath(), {
        args: ["run", "--unstable-net", "--allow-read", program],
        env: { NO_COLOR: "1" },
      }).output(),
      "the process to end",
    );
    assertEquals(stdout.length, 0);
    assertEquals(
      new TextDecoder().decode(stderr),
      "ws_echo_server cannot start: FRAME_PORT=81 is in use\n",
    );
    assertEquals(code, 1);
  },
);
