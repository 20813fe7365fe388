import { assertEquals } from "@std/assert";
import { httpEcho } from "../../handlers/http/http_echo.ts";
import { LongRunningRequests } from "../../lib/limits/long_running_requests.ts";
import { HTTP_INFO } from "../handlers/fakes.ts";
import { testWith } from "../permissions.ts";

const README = new URL("../../handlers/http/README.md", import.meta.url);

testWith(
  { read: true },
  "handlers/http/README.md has the answer of /http to its curl command",
  async () => {
    const text = await Deno.readTextFile(README);
    const [, field, body, url] = /^curl -H '(.+)' -d (\w+) '(.+)'$/m.exec(
      text,
    )!;
    const answer = JSON.parse(/```json\n(.+?)```/s.exec(text)![1]!);
    const [name, value] = field!.split(": ");
    const request = new Request(url!, {
      method: "POST",
      body: body!,
      headers: { ...answer.headers, [name!]: value! },
    });
    const handler = httpEcho(new LongRunningRequests(1));
    const response = await handler(request, HTTP_INFO);
    assertEquals(await response.json(), answer);
  },
);
