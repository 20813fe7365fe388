import { assertEquals } from "@std/assert";
import {
  maskField,
  maskParameter,
  maskUrl,
} from "../../../lib/http/secret_masking.ts";

for (
  const name of [
    "Authorization",
    "authorization",
    "Proxy-Authorization",
    "Cookie",
    "Set-Cookie",
    "X-Api-Key",
    "apikey",
    "api_key",
    "token",
    "access_token",
    "X-Auth-Token",
    "X-Amz-Security-Token",
    "X-CSRF-Token",
    "auth",
    "x-auth",
    "client_secret",
    "password",
    "passwd",
    "pwd",
    "sessionid",
    "X-Amz-Signature",
    "X-Amz-Credential",
    "Cf-Access-Jwt-Assertion",
    "key",
    "sig",
  ]
) {
  Deno.test(`maskParameter() masks the value of ${name}`, () =>
    assertEquals(maskParameter(name, "x"), "***"));
}

for (
  const name of [
    "Accept",
    "Host",
    "User-Agent",
    "Content-Type",
    "Sec-WebSocket-Key",
    "Last-Event-ID",
    "author",
    "authority",
    "keyboard",
    "monkey",
    "status",
    "delay",
    "q",
  ]
) {
  Deno.test(`maskParameter() shows the value of ${name}`, () =>
    assertEquals(maskParameter(name, "x"), "x"));
}

for (
  const [url, masked] of [
    ["http://a.test/http", "http://a.test/http"],
    ["http://a.test/http?q=1&q=2", "http://a.test/http?q=1&q=2"],
    ["http://a.test/?token=x&q=1", "http://a.test/?token=***&q=1"],
    ["http://a.test/?q=1&TOKEN=x#top", "http://a.test/?q=1&TOKEN=***#top"],
    ["http://a.test/?to%6Ben=x", "http://a.test/?to%6Ben=***"],
    ["http://a.test/?token=a=b", "http://a.test/?token=***"],
    ["http://a.test/?token=", "http://a.test/?token=***"],
    ["http://a.test/?token", "http://a.test/?token"],
    ["http://a.test/?%zz=1&token=x", "http://a.test/?%zz=1&token=***"],
    ["http://me:pass@a.test/", "http://***@a.test/"],
    ["http://a.test/me@home", "http://a.test/me@home"],
    ["http://me:p@ss@a.test/x@y", "http://***@a.test/x@y"],
    ["http:\\\\me:pass@a.test/", "http:\\\\***@a.test/"],
    [
      "http://a.test/#access_token=x&q=1",
      "http://a.test/#access_token=***&q=1",
    ],
    [
      "http://a.test/?to=https%3A%2F%2Fme%3Apass%40b.test%2F%3Ftoken%3Dx&q=%20",
      "http://a.test/?to=https%3A%2F%2F***%40b.test%2F%3Ftoken%3D***&q=%20",
    ],
    [
      "http://a.test/?to=b%3Fto%3Dc%253Ftoken%253Dx",
      "http://a.test/?to=b%3Fto%3Dc%253Ftoken%253D***",
    ],
    ["for=1.2.3.4;host=a.test", "for=1.2.3.4;host=a.test"],
  ] as const
) {
  Deno.test(`maskUrl() of ${url}`, () => assertEquals(maskUrl(url), masked));
}

Deno.test("maskParameter() masks secrets by name, and URLs in other values", () => {
  assertEquals(maskParameter("token", "x"), "***");
  assertEquals(maskParameter("q", "token"), "token");
  assertEquals(maskParameter("to", "//me:x@b/?key=x"), "//***@b/?key=***");
});

for (
  const [name, value, masked] of [
    ["authorization", "Bearer abc", "Bearer ***"],
    ["authorization", "Digest username=me, response=1", "Digest ***"],
    ["authorization", "abc", "***"],
    ["proxy-authorization", "Basic bWU6cGFzcw==", "Basic ***"],
    ["cookie", "id=1; theme=dark", "id=***; theme=***"],
    ["cookie", "id=a=b==; c=", "id=***; c=***"],
    ["cookie", "bare", "***"],
    ["cookie", "id=1; bare", "id=***; ***"],
    ["x-api-key", "abc", "***"],
    ["x-api-key", "a b c", "***"],
    ["referer", "https://a.test/?token=x", "https://a.test/?token=***"],
    ["user-agent", "curl/8", "curl/8"],
    ["accept", "text/html;q=0.9, */*;q=0.8", "text/html;q=0.9, */*;q=0.8"],
  ] as const
) {
  Deno.test(`maskField() of ${name}: ${value}`, () =>
    assertEquals(maskField(name, value), masked));
}
