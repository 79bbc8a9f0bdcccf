import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.ts";
import { checkOutput, writeOutput } from "../../src/report/output.ts";
import { altmap } from "./run.ts";

const folder = mkdtempSync(join(tmpdir(), "altmap-output-"));

describe("checkOutput", () => {
  it.each([
    [folder, /cannot write: it is a folder/],
    [join(folder, "none", "a.json"), /cannot write: ENOENT/],
  ])("refuses %s", (path, message) => {
    expect(() => checkOutput(path)).toThrow(message);
    expect(() => checkOutput(path)).toThrow(InputError);
  });

  it("runs before a verb does its work", () => {
    const run = altmap(["explain", "--cost", "-o", folder]);
    expect(run).toMatchObject({ status: 2, stdout: "" });
    expect(run.stderr).toMatch(/cannot write: it is a folder/);
  });
});

describe("writeOutput", () => {
  it("leaves a device a device", () => {
    writeOutput("/dev/null", "lost");
    expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
    expect(() => writeOutput("/dev/full", "lost")).toThrow(/\/dev\/full: cannot write: ENOSPC/);
  });

  it("writes through a link, and leaves nothing beside", () => {
    const inner = mkdtempSync(join(folder, "l-"));
    writeFileSync(join(inner, "real.json"), "old");
    symlinkSync("real.json", join(inner, "link.json"));
    writeOutput(join(inner, "link.json"), "new");
    expect(readFileSync(join(inner, "real.json"), "utf8")).toBe("new");
    expect(readdirSync(inner).sort()).toEqual(["link.json", "real.json"]);
  });
});

describe("stdout", () => {
  it.skipIf(!existsSync("/dev/full"))("on a full disk is one message and exit 2", () => {
    const run = altmap(["schema"], { stdout: "/dev/full" });
    expect(run.status).toBe(2);
    expect(run.stderr).toMatch(/^altmap: stdout: cannot write: ENOSPC/);
    expect(run.stderr).not.toMatch(/\n\s+at /);
  });
});

describe("InputError", () => {
  it("shows nothing of a binary file that a terminal would obey", () => {
    const message = new InputError({ what: `begins \x1b[2J\x07\u009b\ufffd${"a".repeat(5000)}\nsecond`, where: "x" })
      .message;
    expect(message).toMatch(/^x: begins \?\[2J\?{3}a{1900}/);
    expect(message).toMatch(/\.\.\.$/);
    expect(message).not.toContain("\n");
  });
});
