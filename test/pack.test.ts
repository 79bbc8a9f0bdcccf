import { execFileSync } from "node:child_process";
import { mkdtempSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

// Without a network: the packed files with the checkout's node_modules. `test/pack.sh` installs them for real.
it("the packed package holds all that the command line needs", () => {
  const folder = mkdtempSync(join(tmpdir(), "altmap-pack-"));
  const pack = execFileSync("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder], {
    cwd: root,
    encoding: "utf8",
  });
  const tarball = pack.trim().split("\n").pop() ?? "";
  execFileSync("tar", ["-xzf", join(folder, tarball), "-C", folder]);
  symlinkSync(join(root, "node_modules"), join(folder, "package", "node_modules"));
  const run = (args: readonly string[]) =>
    execFileSync(process.execPath, [join(folder, "package/dist/cli/altmap.js"), ...args], {
      cwd: folder,
      encoding: "utf8",
    });
  expect(run(["--version"])).toMatch(/^altmap /);
  expect(run(["replay", "wl_tmpfs_write_read_rm_48m"])).toContain("LLC misses");
});
