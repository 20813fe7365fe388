import { assertEquals, assertMatch } from "@std/assert";
import { changelogFault } from "./checks.ts";

for (
  const [heading, version] of [
    ["0.1.0 - 2026-01-31", "0.1.0"],
    ["[1.2.3] - 2026-01-31", "1.2.3"],
    ["2.0.0-rc.1 - 2026-01-31", "2.0.0-rc.1"],
  ] as const
) {
  Deno.test(`changelogFault() accepts the section "${heading}" of ${version}`, () => {
    const changelog = `# Changelog\n\n## ${heading}\n\n## 0.0.1 - 2025-01-01\n`;
    assertEquals(changelogFault(changelog, version), undefined);
  });
}

for (
  const [changelog, version, fault] of [
    [
      "# Changelog\n\n## Unreleased\n\n## 0.1.0 - 2026-01-31\n",
      "0.1.0",
      /first section/,
    ],
    ["# Changelog\n\n## 0.1.0\n", "0.1.0", /YYYY-MM-DD/],
    ["# Changelog\n\n## 0.1.0 - 2026-01-31\n", "0.2.0", /0\.2\.0/],
    ["# Changelog\n", "0.1.0", /first section/],
    ["# Changelog\n\n## 1 - 2026-01-31\n", "1", /MAJOR/],
  ] as const
) {
  Deno.test(`changelogFault() refuses ${JSON.stringify(changelog)} for ${version}`, () => {
    assertMatch(changelogFault(changelog, version)!, fault);
  });
}
