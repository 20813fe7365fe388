import { assertEquals } from "@std/assert";
import { PathPattern } from "../../../lib/routing/path_pattern.ts";
import {
  isPath,
  matcherOf,
  type SessionTarget,
} from "../../../lib/sessions/session_target.ts";

/** The connections of some routes, by the paths of their handshakes. */
const CONNECTIONS = [
  ["/ws", "/ws"],
  ["/rooms/:name", "/rooms/a"],
  ["/rooms/:name", "/rooms/b"],
  ["/rooms/:name", "/rooms/a%20b"],
  ["/rooms/:name/:seat", "/rooms/a/1"],
  ["/files/*", "/files/a/b"],
  ["/files/*", "/files/"],
] as const;

const ALL = CONNECTIONS.map(([, path]) => path);

const CASES: readonly (readonly [SessionTarget, readonly string[]])[] = [
  [{}, ALL],
  [{ route: undefined, path: undefined }, ALL],
  [{ route: "/ws" }, ["/ws"]],
  [{ route: "/rooms/:name" }, ["/rooms/a", "/rooms/b", "/rooms/a%20b"]],
  [{ route: "/rooms/a" }, []],
  [{ path: "/ws" }, ["/ws"]],
  [{ path: "/rooms/a" }, ["/rooms/a"]],
  [{ path: "/rooms/a%20b" }, ["/rooms/a%20b"]],
  [{ path: "/rooms/a/1" }, ["/rooms/a/1"]],
  [{ path: "/rooms/:name" }, []],
  [{ path: "/files/a/b" }, ["/files/a/b"]],
  [{ path: "/files/" }, ["/files/"]],
  [{ path: "/none" }, []],
  [{ route: "/rooms/:name", path: "/rooms/b" }, ["/rooms/b"]],
  [{ route: "/ws", path: "/rooms/b" }, []],
];

for (const [target, expected] of CASES) {
  Deno.test(`matcherOf(${JSON.stringify(target)}) selects ${expected.length} connections`, () => {
    const matches = matcherOf(target);
    const found = CONNECTIONS.filter(([path, url]) =>
      matches({ path, params: new PathPattern(path).match(url) ?? {} })
    );
    assertEquals(found.map(([, url]) => url), expected);
  });
}

Deno.test("isPath() is true for a path without query and fragment", () => {
  const texts = ["/", "/rooms/a", "/rooms/:name", "", "rooms", "/a?b", "/a#b"];
  assertEquals(texts.filter(isPath), ["/", "/rooms/a", "/rooms/:name"]);
});
