import { assertEquals } from "@std/assert";
import { FileNames } from "../../../../lib/conformance/reports/file_names.ts";

Deno.test("FileNames gives names as the suite does, and reads them", () => {
  const names = new FileNames(["Tungstenite", "a b/1", "A-B.1", "☃"]);
  assertEquals(
    names.of("Tungstenite", "13.7.18", "json"),
    "tungstenite_case_13_7_18.json",
  );
  for (const agent of ["Tungstenite", "a b/1", "A-B.1", "☃"]) {
    const file = names.of(agent, "1.1.1", "html");
    assertEquals(names.read(file), { agent, id: "1.1.1", extension: "html" });
  }
  assertEquals(names.of("A-B.1", "1.1.1", "json"), "a_b_1_2_case_1_1_1.json");
});

Deno.test("FileNames reads no other name", () => {
  const names = new FileNames(["ws"]);
  for (
    const file of [
      "",
      "index.json",
      "x_case_1_1_1.json",
      "ws_case_1_1_1.txt",
      "ws_case_.json",
      "../ws_case_1_1_1.json",
    ]
  ) assertEquals(names.read(file), undefined, file);
});
