import { describe, expect, it } from "vitest";
import { altmap } from "./run.ts";

interface ExplainJson {
  readonly schema: string;
  readonly kernel: { readonly version: string; readonly row: string; readonly priced_as: string };
  readonly memory_block: { readonly bytes: number };
  readonly devices: readonly {
    readonly ids: readonly string[];
    readonly outcome: string;
    readonly reason: string;
    readonly conditions: readonly { readonly name: string; readonly holds: boolean; readonly verified: boolean }[];
  }[];
}

function explained(...args: string[]): ExplainJson {
  const run = altmap(["explain", "--json", ...args]);
  expect(run.stderr).toBe("");
  expect(run.status).toBe(0);
  return JSON.parse(run.stdout) as ExplainJson;
}

describe("altmap explain", () => {
  it("names the outcome, each condition with its value, source and evidence", () => {
    const run = altmap(["explain", "--memory-block", "128MiB", "--struct-page", "80", "--driver", "acpi"]);
    expect(run.status).toBe(0);
    expect(run.stdout).toContain("dram: the memmap is taken from the buddy");
    expect(run.stdout).toMatch(/NO +the memmap of a block is whole PMDs +2621440 bytes, PMD 2097152 .*\[read-6\.12\]/);
    expect(run.stdout).toMatch(/isolation keeps the migratetype +no +mm\/page_isolation\.c/);
    expect(
      explained()
        .devices.flatMap(({ conditions }) => conditions)
        .every(({ verified }) => verified),
    ).toBe(true);
  });

  it("says which recorded kernel a release is priced as", () => {
    expect(altmap(["explain", "--kernel", "7.0"]).stdout).toMatch(/^Linux 7\.0 \(rules of [\d.]+, priced as 6\.18\), /);
    expect(altmap(["explain", "--kernel", "7.3"]).stdout).not.toContain("priced as");
    expect(explained("--kernel", "7.1").kernel.priced_as).toBe("7.2");
  });

  it("marks rows that nobody read in kernel source", () => {
    const run = altmap(["explain", "--kernel", "6.6", "--arch", "arm64-16k", "--capacity", "128MiB"]);
    expect(run.stdout).toMatch(/\[list\] \(\?\)/);
    expect(run.stdout).toMatch(/\[recalled\] \(\?\)/);
    expect(run.stdout).toContain("(?) not read in the source of that kernel");
    const document = explained("--kernel", "6.6", "--arch", "arm64-16k", "--capacity", "128MiB");
    expect(document.devices[0]?.conditions.some((condition) => !condition.verified)).toBe(true);
  });

  it.each([
    [["--kernel", "6.1", "--driver", "acpi"], "dram", "6.1"],
    [["--kernel", "6.1", "--driver", "acpi", "--capacity", "2GiB"], "on-memory", "6.1"],
    [["--kernel", "6.1", "--driver", "direct"], "-EINVAL", "6.1"],
    [["--kernel", "6.12.117", "--driver", "acpi"], "on-memory", "6.11"],
    [["--mode", "N", "--driver", "acpi"], "dram", "6.11"],
    [["--driver", "acpi", "--capacity", "3GiB"], "-EINVAL", "6.11"],
  ])("%j: %s by row %s", (args, outcome, row) => {
    const document = explained(...args);
    expect(document.kernel.row).toBe(row);
    expect(document.devices.map((device) => device.outcome)).toEqual([outcome]);
  });

  it("says what the configuration, and proposals that were not merged, would do", () => {
    const asked = ["--kernel", "6.1", "--mode", "N", "--driver", "direct", "--memory-block", "128MiB", "--capacity"];
    const what = ["--what-if", "flag-overrides-parameter"];
    expect(explained(...asked, "128MiB").devices[0]?.outcome).toBe("-EINVAL");
    expect(explained(...asked, "128MiB", ...what).devices[0]?.outcome).toBe("on-memory");
    expect(explained(...asked, "256MiB", ...what).devices[0]?.outcome).toBe("-EINVAL");
    const refused = altmap(["explain", "--what-if", "memdesc"]);
    expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining("flag-overrides-parameter")]);
    expect(altmap(["explain"]).stdout).toMatch(/yes +CONFIG_SPARSEMEM_VMEMMAP is built in +y/);
  });

  it("drivers that add block by block make one request of each", () => {
    const args = ["--kernel", "6.6", "--arch", "ppc64-radix-64k", "--memory-block", "2GiB", "--driver", "ppc64-dlpar"];
    expect(explained(...args, "--capacity", "64GiB").devices[0]?.outcome).toBe("on-memory");
  });

  it("reads a scenario", () => {
    const input = "kernel: { version: '6.1' }\nmachine: { platform: vm, dram: 32GiB }\n";
    const run = altmap(["explain", "-", "--json"], { input });
    const document = JSON.parse(run.stdout) as ExplainJson;
    expect(document).toMatchObject({ schema: "altmap/explain-v1", memory_block: { bytes: 134217728 } });
    expect(document.devices[0]?.reason).toContain("dax-kmem never asks");
  });

  it.each([
    [["--kernel", "2.6.32"], /kernel 2\.6 has no memmap_on_memory/],
    [["--kernel", "soon"], /"soon" is no kernel version/],
    [["--arch", "x86"], /--arch "x86" is unknown/],
    [["--mode", "on"], /--mode "on" is unknown[\s\S]*N, Y, force/],
    [["--driver", "usb"], /--driver "usb" is unknown/],
    [["--memory-block", "100MiB"], /memory block of 104857600 bytes is impossible/],
    [["--struct-page", "70"], /struct page of 70 bytes is impossible/],
    [["--capacity", "much"], /--capacity "much" is not a size/],
    [["no/scenario.yaml"], /no\/scenario\.yaml: no such file/],
  ])("%j exits 2", (args, message) => {
    const run = altmap(["explain", ...args]);
    expect(run.status).toBe(2);
    expect(run.stdout).toBe("");
    expect(run.stderr).toMatch(message);
    expect(run.stderr).not.toMatch(/\n\s+at /);
  });
});
