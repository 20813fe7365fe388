import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  StartError,
  startListening,
  startStep,
} from "../../../lib/config/start_error.ts";
import { testWith } from "../../permissions.ts";

function faultOf(error: unknown): string {
  const address = { variable: "FRAME_PORT", hostname: "h", port: 81 } as const;
  return assertThrows(() =>
    startListening(address, () => {
      throw error;
    }), StartError).variableMessage;
}

for (
  const [error, line] of [
    [new Deno.errors.AddrInUse(), "FRAME_PORT=81 is in use"],
    [
      new Deno.errors.PermissionDenied("Permission denied (os error 13)"),
      "FRAME_PORT=81 is a port that this user may not listen on",
    ],
    [
      new Deno.errors.AddrNotAvailable(),
      "HOST=h is no address of this machine",
    ],
    [
      new Deno.errors.NotCapable("run with --allow-net"),
      "HOST=h is not permitted: start with `deno task start`, or with --allow-net",
    ],
    [
      new Error("Address family not supported by protocol (os error 97)"),
      "HOST=h is of an address family that this machine does not have",
    ],
    [
      new Error(
        "failed to lookup address information: Name or service not known",
      ),
      "HOST=h cannot be resolved (failed to lookup address information: Name or service not known)",
    ],
    [
      new TypeError("Invalid argument\n(os error 22)"),
      "FRAME_PORT=81, HOST=h: the listener cannot be opened (Invalid argument (os error 22))",
    ],
    [
      "no error",
      "FRAME_PORT=81, HOST=h: the listener cannot be opened (no error)",
    ],
  ] as const
) {
  Deno.test(`startListening() names the variable: ${line}`, () => {
    assertEquals(faultOf(error), line);
  });
}

testWith(
  { net: true },
  "startListening() explains the runtime's own errors",
  () => {
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = taken.addr;
    for (
      const [hostname, pattern] of [
        ["127.0.0.1", /^PORT=\d+ is in use$/],
        ["192.0.2.1", /^HOST=192\.0\.2\.1 is no address of this machine$/],
        ["nosuchhost.invalid", /^HOST=nosuchhost\.invalid cannot be resolved/],
      ] as const
    ) {
      const address = { variable: "PORT", hostname, port } as const;
      const { variableMessage } = assertThrows(
        () => startListening(address, () => Deno.listen({ hostname, port })),
        StartError,
      );
      assertMatch(variableMessage, pattern);
    }
  },
);

Deno.test("startStep() puts its subject in front, in one line", () => {
  const { message } = assertThrows(() =>
    startStep("BUS", () => {
      throw new TypeError("Invalid\npathname");
    }), StartError);
  assertEquals(message, "BUS: Invalid pathname");
});

Deno.test("a StartError names settings by option, and by variable for a service", () => {
  const address = { variable: "FRAME_PORT", hostname: "h", port: 81 } as const;
  const listening = assertThrows(() =>
    startListening(address, () => {
      throw new Error("no");
    }), StartError);
  assertEquals(
    [listening.message, listening.variableMessage],
    [
      "framePort=81, host=h: the listener cannot be opened (no)",
      "FRAME_PORT=81, HOST=h: the listener cannot be opened (no)",
    ],
  );
  const step = assertThrows(() =>
    startStep((nameOf) => nameOf("BUS"), () => {
      throw new Error("no");
    }), StartError);
  assertEquals([step.message, step.variableMessage], ["bus: no", "BUS: no"]);
});

Deno.test("startStep() returns the result of the step", () => {
  assertEquals(startStep("BUS", () => 7), 7);
});
