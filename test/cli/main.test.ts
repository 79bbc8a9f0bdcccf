import { describe, expect, it } from "vitest";
import { altmap } from "./run.ts";

describe("altmap", () => {
  it("prints its version and exits 0", () => {
    const run = altmap(["--version"]);
    expect(run.status).toBe(0);
    expect(run.stdout).toMatch(/^altmap \d+\.\d+\.\d+ \(node v\d+/);
  });

  it("without a command prints help on stderr and exits 2", () => {
    const run = altmap([]);
    expect(run.status).toBe(2);
    expect(run.stdout).toBe("");
    expect(run.stderr).toMatch(/Usage: altmap/);
  });

  it("suggests the nearest command and exits 2", () => {
    const run = altmap(["schemas"]);
    expect(run.status).toBe(2);
    expect(run.stderr).toMatch(/unknown command 'schemas'[\s\S]*Did you mean schema\?/);
    expect(run.stderr).not.toMatch(/\n\s+at /);
  });

  it("refuses unknown options with exit 2", () => {
    const run = altmap(["schema", "--jsn"]);
    expect(run.status).toBe(2);
    expect(run.stderr).toMatch(/unknown option '--jsn'/);
  });

  it("prints help with examples and exits 0", () => {
    const run = altmap(["schema", "--help"]);
    expect(run.status).toBe(0);
    expect(run.stdout).toMatch(/Example:/);
  });

  it("prints a JSON Schema", () => {
    const run = altmap(["schema"]);
    expect(run.status).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({ title: "altmap scenario", type: "object" });
  });
});
