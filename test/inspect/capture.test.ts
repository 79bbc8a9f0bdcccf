// What --capture writes and what is read of archives: nothing that names a machine or a person, and nothing beyond bounds.
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { type Headers, pack } from "tar-stream";
import { describe, expect, it } from "vitest";
import { inspect } from "../../src/inspect/inspect.ts";
import { openTree } from "../../src/node/openTree.ts";
import { inspectDocument } from "../../src/report/fit/inspectDocument.ts";
import { altmap } from "../cli/run.ts";
import { hotMachine } from "./machineTree.ts";

const folder = mkdtempSync(join(tmpdir(), "altmap-capture-"));

function machine(): string {
  const root = join(folder, "machine");
  const files = {
    ...hotMachine([{ selfHosted: 3, inDram: 5 }]),
    "proc/version": "Linux version 6.12.1 (jane@build7.corp) (gcc) #1 SMP Debian\n",
    "proc/cmdline": "BOOT_IMAGE=/vmlinuz root=UUID=0b1c memhp_default_state=online luks.key=hunter2 hostname=db7\n",
    "proc/cpuinfo": "processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu\nSerial\t\t: 00000000deadbeef\n",
    "proc/sys/kernel/hostname": "db7.corp\n",
    "sys/class/dmi/id/product_serial": "CZ1234\n",
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  // As sysfs has it: the device lies elsewhere, and the place says what it is.
  const real = join(root, "sys/devices/root0/region0/dax_region0/dax9.0");
  mkdirSync(real, { recursive: true });
  writeFileSync(join(real, "size"), "1073741824\n");
  symlinkSync("../../../devices/root0/region0/dax_region0/dax9.0", join(root, "sys/bus/dax/devices/dax9.0"));
  return root;
}

describe("altmap inspect --capture", () => {
  it("gives what the machine gives, and leaves out names, serial numbers and secrets", async () => {
    const root = machine();
    const archive = join(folder, "machine.tar");
    const run = altmap(["inspect", "--root", root, "--capture", archive]);
    expect(run.status).toBe(0);
    expect(run.stderr).toContain("left out are");
    const packed = readFileSync(archive).toString("latin1");
    for (const secret of ["jane", "build7", "hunter2", "db7", "deadbeef", "CZ1234", "UUID"])
      expect(packed, secret).not.toContain(secret);
    expect(packed).toContain("memhp_default_state=online");
    const read = async (at: string) => ({ ...inspectDocument(inspect(await openTree(at))), root: "" });
    const [folderSays, archiveSays] = [await read(root), await read(archive)];
    expect(archiveSays).toEqual(folderSays);
    expect(archiveSays.dax.find(({ name }) => name === "dax9.0")).toMatchObject({
      kind: "cxl",
      size_bytes: 1073741824,
    });
    expect(altmap(["inspect", "--root", root, "--capture", join(folder, "again.tar")]).status).toBe(0);
    expect(readFileSync(join(folder, "again.tar"))).toEqual(readFileSync(archive));
  });
});

async function archiveOf(
  name: string,
  entries: readonly (Partial<Headers> & { name: string; content?: string | Buffer })[],
): Promise<Buffer> {
  const archive = pack();
  for (const { content, ...header } of entries) archive.entry(header as Headers, content ?? "");
  archive.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of archive as AsyncIterable<Buffer>) pieces.push(piece);
  const bytes = Buffer.concat(pieces);
  writeFileSync(join(folder, name), bytes);
  return bytes;
}

describe("archives", () => {
  const opened = (name: string) => openTree(join(folder, name)).then(inspect);
  it.each([
    ["an absolute path", { name: "/etc/passwd", content: "x" }, "has the absolute path"],
    ["a path that leaves it", { name: "proc/../../etc/x", content: "x" }, "has a path that leaves it"],
    ["a device", { name: "proc/zero", type: "character-device" as const }, "a character-device"],
    ["a pipe", { name: "proc/pipe", type: "fifo" as const }, "a fifo"],
    ["a hard link", { name: "proc/link", type: "link" as const, linkname: "proc/version" }, "a link"],
    ["a long path", { name: `proc/${"x/".repeat(600)}y`, content: "x" }, "has a path of 1206 characters"],
  ])("with %s are refused", async (_name, entry, message) => {
    await archiveOf("bad.tar", [{ name: "proc/version", content: "Linux version 6.12 (a)\n" }, entry]);
    await expect(opened("bad.tar")).rejects.toThrow(message);
  });

  it("that unpack to more than they should are refused before they are held", async () => {
    const bytes = await archiveOf("big.tar", [{ name: "proc/zoneinfo", content: Buffer.alloc(65 * 1024 ** 2) }]);
    writeFileSync(join(folder, "bomb.tar.gz"), gzipSync(bytes));
    await expect(opened("bomb.tar.gz")).rejects.toThrow("unpacks to more than 64 MiB");
  });

  it("that are cut, packed otherwise, or no archives are refused", async () => {
    const bytes = await archiveOf("whole.tar", [
      { name: "m/proc/version", content: "Linux version 6.12.3 (a)\n".repeat(100) },
    ]);
    writeFileSync(join(folder, "cut.tar"), bytes.subarray(0, 700));
    await expect(opened("cut.tar")).rejects.toThrow("is damaged");
    writeFileSync(join(folder, "cut.tar.gz"), gzipSync(bytes).subarray(0, 60));
    await expect(opened("cut.tar.gz")).rejects.toThrow("is damaged");
    writeFileSync(join(folder, "some.tar.xz"), Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 1, 2]));
    await expect(opened("some.tar.xz")).rejects.toThrow("is packed with xz");
    writeFileSync(join(folder, "text"), "hello");
    await expect(opened("text")).rejects.toThrow("neither a folder nor a tar archive");
    // One folder at the top is the root.
    expect((await opened("whole.tar")).kernel.release).toBe("6.12.3");
  });

  it("with links in a circle say so, and links that lead out are as good as missing", async () => {
    await archiveOf("loop.tar", [
      { name: "proc/version", type: "symlink", linkname: "other" },
      { name: "proc/other", type: "symlink", linkname: "version" },
    ]);
    await expect(opened("loop.tar")).rejects.toThrow("loop of symbolic links");
    await archiveOf("out.tar", [
      { name: "sys/x", content: "1" },
      { name: "proc/version", type: "symlink", linkname: "../../../etc/passwd" },
    ]);
    expect((await opened("out.tar")).kernel.release).toBeNull();
  });
});
