// Five ways in which somebody meets altmap for the first time, on the built command line, each from what is printed:
// the exit code, what is promised, and nothing that no user may read.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { FIELD_DATA, holds, NEVER } from "../field/fieldCase.ts";
import { altmap, type Run } from "./run.ts";

const folder = mkdtempSync(join(tmpdir(), "altmap-journey-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs in the newcomer's folder; exit 0, something on stdout, no line that tells of a fault. */
function step(...args: string[]): Run {
  const run = altmap(args, { cwd: folder });
  expect(run.status, run.stderr).toBe(0);
  expect(run.stdout.length).toBeGreaterThan(0);
  for (const line of `${run.stdout}\n${run.stderr}`.split("\n"))
    for (const pattern of NEVER) expect(holds(line, pattern), line).toBe(false);
  return run;
}

it("asks for the default answer", () => {
  const { stdout, stderr } = step("answer");
  expect(stderr).toBe("");
  expect(stdout.match(/^=> \S.*\.$/gm)?.length).toBeGreaterThan(1);
  expect(stdout).toMatch(/memmap on the memory +DRAM saved +online +of the machine \(.*\) +verdict/);
  for (const row of ["add", "online", "offline", "remove"]) expect(stdout).toMatch(new RegExp(`^  ${row} +`, "m"));
});

it("explains a scenario file", () => {
  writeFileSync(
    join(folder, "scenario.yaml"),
    'machine: {dram: 64GiB}\nkernel: {version: "6.12", memmap_on_memory: Y}\n' +
      "devices: [{id: cxl-samsung-mxp-genoa, capacity: 256GiB}]\n",
  );
  const { stdout } = step("explain", "scenario.yaml");
  expect(stdout).toMatch(/^Linux 6\.12 .*x86_64/);
  expect(stdout).toMatch(/cxl-samsung-mxp-genoa: dax-kmem, 256 GiB, \d+ blocks/);
  expect(stdout).toMatch(/on-memory: the memmap lies on the added memory/);
  expect(JSON.parse(step("explain", "scenario.yaml", "--json").stdout)).toMatchObject({
    devices: [{ capacity_bytes: 2 ** 38, outcome: "on-memory" }],
  });
  expect(step("explain", "--cost", "scenario.yaml").stdout).toMatch(/online_movable, memmap on the memory: \d/);
});

it("imports an MLC file and answers with it", () => {
  writeFileSync(join(folder, "mlc.txt"), readFileSync(join(FIELD_DATA, "00-good-mlc.txt")));
  expect(altmap(["profiles", "import", "mlc.txt", "--medium", "cxl", "-o", "mine.yaml"], { cwd: folder }).status).toBe(
    0,
  );
  expect(readFileSync(join(folder, "mine.yaml"), "utf8")).toMatch(/251\.3 ns/);
  const device = ["--profiles", "mine.yaml", "--device", "node1-from-node0"];
  expect(step("profiles", "list", "--profiles", "mine.yaml").stdout).toMatch(/node1-from-node0 +251\.3 ns/);
  const { stdout } = step("answer", ...device, "--capacity", "64GiB", "--workload", "wl_fault_64m_x2");
  expect(stdout).toMatch(/^=> .*leaves 63 GiB of 64 GiB.* instead of/m);
  const csv = step(
    "answer",
    ...device,
    "--capacity",
    "64GiB",
    "--workload",
    "wl_fault_64m_x2",
    "--format",
    "csv",
  ).stdout;
  expect(csv).toMatch(/^node1-from-node0,on-memory,hotplug,true,/m);
});

it("records, then imports the trace", () => {
  const { stdout } = step("record", "--tool", "perf", "--duration", "20");
  expect(stdout).toMatch(/^perf record .*kmem:mm_page_alloc .*sleep 20$/m);
  const file = /^altmap import (\S+)$/m.exec(stdout)?.[1] ?? "";
  const recorded = new URL("../recorded/data/host-6.18-perf-script-gcc.txt.gz", import.meta.url);
  writeFileSync(join(folder, file), readFileSync(recorded));
  expect(step("import", file).stdout).toMatch(/^altmap\.perf\.txt\.gz: perf script, .* in 12,791 lines\n12,791 events/);
});

it("asks for footprints", () => {
  const device = ["--device", "cxl-samsung-mxp-genoa", "--footprint", "1GiB", "16GiB"];
  const { stdout } = step("answer", ...device, "--workload", "wl_fault_64m_x2", "fork");
  expect(stdout).toMatch(/^By footprint \(cxl-samsung-mxp-genoa\)/m);
  expect(stdout).toMatch(/^ {2}fork, a page +1 GiB .*\n +16 GiB /m);
  const operations = step("answer", ...device, "--workload", "fork", "exit").stdout;
  expect(operations).toMatch(/^Workloads {2}operations \(fork, exit\)/m);
  expect(operations).toMatch(/^=> .*the machine loses/m);
});
