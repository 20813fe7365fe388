import { assertThrows } from "@std/assert";
import { RouteError } from "../../../lib/routing/error.ts";
import { Router, type Routes } from "../../../lib/routing/router.ts";

const frame = () => {};
const GET = () => new Response();

/** Values that are no route, and the fault that the error names. */
const INVALID: readonly (readonly [unknown, string])[] = [
  [null, "no object"],
  ["x", "no object"],
  [frame, "no object"],
  [{}, "no handler"],
  [{ get: GET }, '"get" is no HTTP method'],
  [{ GET: 3 }, "GET is no function"],
  [{ frame, GET: null }, "GET is no function"],
  [{ frame: 1 }, "frame is no function"],
  [{ frame, open: {} }, "open is no function"],
  [{ frame, maxPart: NaN }, "maxPart is no whole number"],
  [{ frame, maxPart: 0 }, "maxPart is no whole number"],
  [{ frame, maxPayload: -1 }, "maxPayload is no whole number"],
  [{ frame, receive: "parts" }, "receive is none of message, frame, part"],
  [{ frame, controlFrames: "yes" }, "controlFrames is none of"],
  [{ frame, subprotocols: "abc" }, "subprotocols is no list"],
  [{ frame, subprotocols: ["a b"] }, "subprotocols is no list"],
];

for (const [route, fault] of INVALID) {
  Deno.test(`Router refuses a route that ${fault}`, () => {
    const error = assertThrows(
      () => new Router({ "/x": route } as Routes),
      RouteError,
      fault,
    );
    if (error.path !== "/x") throw new Error(error.path);
  });
}

for (const routes of [[], new Map(), null, "x"]) {
  Deno.test(`Router refuses ${Deno.inspect(routes)} as a router map`, () => {
    assertThrows(
      () => new Router(routes as unknown as Routes),
      RouteError,
      "no object of routes",
    );
  });
}

Deno.test("Router takes every option of a handler, and methods in addition", () => {
  new Router({
    "/x": {
      frame,
      GET,
      open: frame,
      maxPart: 1,
      maxPayload: 1,
      receive: "part",
      controlFrames: "observe",
      subprotocols: ["echo"],
    },
    "/y": { "*": GET },
  });
});
