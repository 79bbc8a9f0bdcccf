import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { deviceById } from "../../src/machine/devices.ts";
import { formatProfiles } from "../../src/machine/emit.ts";
import { defaultHost } from "../../src/machine/hosts.ts";

const CLI = new URL("../../dist/cli/altmap.js", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "altmap-own-"));
mkdirSync(join(folder, "profiles"));
const run = (...args: string[]) => spawnSync("node", [CLI, ...args], { encoding: "utf8" });

/** An expander of one's own, twice as slow as the built-in one, and a host that names its own DRAM. */
const cxl = deviceById("cxl-e3s-96g-spr");
const slow = { ...cxl, id: "my-cxl", idleReadNs: { ...cxl.idleReadNs, value: 500 } };
const dram = { ...deviceById("dram-ddr5-4800-spr"), id: "my-dram" };
const host = { ...defaultHost, id: "my-host", localDram: "my-dram" };
const profiles = join(folder, "profiles", "mine.yaml");
writeFileSync(profiles, formatProfiles({ devices: [slow, dram], hosts: [host] }));
const scenario = join(folder, "scenario.yaml");
writeFileSync(
  scenario,
  "profiles: profiles/mine.yaml\nmachine: {host: my-host}\ndevices: [{id: my-cxl, capacity: 4GiB}]\nworkloads: []\n",
);

describe("profiles of one's own", () => {
  test("a scenario names them by a path from where it lies", () => {
    const { status, stdout, stderr } = run("answer", scenario, "--json");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const document = JSON.parse(stdout) as { input: { machine: object }; results: { device: string }[] };
    expect(document.input.machine).toMatchObject({ host: "my-host", dram: "my-dram" });
    expect(document.results[0]?.device).toBe("my-cxl");
  });

  test("slower memory makes a slower online", () => {
    const online = (id: string) => {
      const args = ["answer", scenario, "--device", id, "--capacity", "4GiB", "--json"];
      const { results } = JSON.parse(run(...args).stdout) as { results: { placement: string; online_ns: number }[] };
      return results.find(({ placement }) => placement === "on-memory")!.online_ns;
    };
    expect(online("my-cxl")).toBeGreaterThan(online("cxl-e3s-96g-spr"));
  });

  test("--profiles and --host do the same without a scenario, for replay too", () => {
    const { status, stdout } = run(
      "replay",
      "wl_redis_set_30k_1k",
      "--profiles",
      profiles,
      "--host",
      "my-host",
      "--device",
      "my-cxl",
      "--json",
    );
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ input: { host: "my-host", dram: "my-dram" } });
  });

  test("without the file the name is unknown, and a bad file is refused before any work", () => {
    expect(run("answer", "--device", "my-cxl")).toMatchObject({ status: 2, stdout: "" });
    const bad = join(folder, "bad.yaml");
    writeFileSync(bad, formatProfiles({ devices: [slow], hosts: [] }).replace("500 ns", "500"));
    const { status, stdout, stderr } = run("answer", "--profiles", bad, "--device", "my-cxl");
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/bad\.yaml:\d+: .*idleReadLatency: the bare number 500 has no unit/);
    expect(run("answer", "--profiles", join(folder, "none.yaml")).stderr).toMatch(/none\.yaml: no such file/);
  });
});
