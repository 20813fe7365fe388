import { assertEquals } from "@std/assert";
import { bindHost, type Listen } from "../../../lib/server/bind_host.ts";
import { testWith } from "../../permissions.ts";

const NET = { net: true } as const;

/** A machine on which listening on some hosts fails; counts the open listeners. */
function machine(faults: Readonly<Record<string, Error>>) {
  const state = { open: 0 };
  const listen: Listen = ({ hostname, port }) => {
    const fault = faults[hostname];
    if (fault !== undefined) throw fault;
    state.open++;
    return {
      addr: { transport: "tcp", hostname, port: port || 50000 },
      close: () => void state.open--,
    };
  };
  return { state, listen };
}

const IN_USE = new Deno.errors.AddrInUse("Address already in use");
const NO_IPV6 = Object.assign(
  new Error("Address family not supported by protocol (os error 97)"),
  { code: "EAFNOSUPPORT" },
);

for (
  const [title, faults, expected] of [
    ["with a dual stack", { "0.0.0.0": IN_USE }, "::"],
    ["without IPv6", { "::": NO_IPV6 }, "0.0.0.0"],
    [
      "without an IPv6 address",
      { "::": new Deno.errors.AddrNotAvailable("x") },
      "0.0.0.0",
    ],
    ["that separates IPv6 and IPv4", {}, "0.0.0.0"],
  ] as const
) {
  testWith(
    NET,
    `bindHost() is ${expected} for :: on a machine ${title}`,
    () => {
      const { state, listen } = machine(faults);
      assertEquals(bindHost("::", listen), expected);
      assertEquals(state.open, 0);
    },
  );
}

for (const host of ["0.0.0.0", "127.0.0.1", "::1", "localhost", "a.example"]) {
  testWith(NET, `bindHost() returns ${host}`, () => {
    const { listen } = machine({ "::": NO_IPV6 });
    assertEquals(bindHost(host, listen), host);
  });
}

testWith(
  NET,
  "bindHost() returns an address that serves IPv4 on this machine",
  async () => {
    using listener = Deno.listen({ hostname: bindHost("::"), port: 0 });
    const { port } = listener.addr as Deno.NetAddr;
    using _client = await Deno.connect({ hostname: "127.0.0.1", port });
  },
);

Deno.test({
  name: "bindHost() opens no port without permission",
  permissions: { net: false },
  fn: () => assertEquals(bindHost("::"), "::"),
});
