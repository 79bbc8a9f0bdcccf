import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { altmap } from "./run.ts";

const folder = mkdtempSync(join(tmpdir(), "altmap-layouts-"));

function answer(machine: string) {
  const file = join(folder, "scenario.yaml");
  writeFileSync(
    file,
    `machine: {${machine}}\ndevices: [{id: cxl-samsung-mxp-genoa, capacity: 16GiB}]\nworkloads: []\n`,
  );
  return altmap(["answer", file]);
}

describe("pages and processors of other architectures", () => {
  it.each([
    ["arch: arm64-16k", "host neoverse-v1", "pages of 16 KiB were not recorded"],
    ["arch: ppc64-radix-64k, struct_page_bytes: 80", "host power9", "pages of 64 KiB were not recorded"],
    ["arch: s390", "host z15", "times of s390 are rough"],
  ])("are priced on a host of their own, and it is said what is assumed: %s", (machine, host, note) => {
    const run = answer(machine);
    expect(run).toMatchObject({ status: 0, stderr: "" });
    for (const text of [host, note]) expect(run.stdout).toContain(text);
    expect(run.stdout).not.toMatch(/NaN|Infinity/);
  });

  it("are refused where no host is known, never priced as another's", () => {
    expect(answer("arch: riscv64")).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/no host of riscv64 is known/),
    });
  });
});
