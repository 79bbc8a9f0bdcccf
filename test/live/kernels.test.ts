/** Which packages of Debian a kernel is, and which kernels a run asks for. */
import { describe, expect, it } from "vitest";
import { packagesOf, releaseIn } from "./kernels.ts";
import { parseOptions } from "./options.ts";

describe("Debian's kernel packages", () => {
  const NAMES = [
    "linux-image-6.1.0-56-amd64-unsigned",
    "linux-image-6.1.0-57-amd64-unsigned",
    "linux-image-6.1.0-57-cloud-amd64-unsigned",
    "linux-image-6.1.0-57-rt-amd64-unsigned",
    "linux-image-6.12.9+deb13-amd64",
    "linux-image-6.12.117+deb13-amd64",
    "linux-image-6.12.117+deb13-amd64-unsigned",
    "linux-image-6.12.117+deb13-amd64-dbg",
    "linux-image-7.0.13+deb13-amd64",
    "linux-binary-7.0.13+deb13-amd64",
    "linux-image-7.2.13+deb14-amd64",
    "linux-binary-7.2.13+deb14-amd64",
    "linux-binary-unsigned-7.2.13+deb14-amd64",
    "linux-modules-7.2.13+deb14-amd64",
    "linux-base-7.2.13+deb14-amd64",
    "linux-base-7.2.12+deb13-amd64",
  ];
  it.each([
    ["6.1", "6.1.0-57-amd64", ["linux-image-6.1.0-57-amd64-unsigned"]],
    ["6.12", "6.12.117+deb13-amd64", ["linux-image-6.12.117+deb13-amd64-unsigned"]],
    ["7.0", "7.0.13+deb13-amd64", ["linux-binary-7.0.13+deb13-amd64"]],
    [
      "7.2",
      "7.2.13+deb14-amd64",
      ["linux-binary-unsigned-7.2.13+deb14-amd64", "linux-modules-7.2.13+deb14-amd64", "linux-base-7.2.13+deb14-amd64"],
    ],
  ] as const)("of %s are the newest release's, whole or in parts", (line, release, packages) => {
    expect(packagesOf(line, NAMES)).toEqual({ release, packages });
  });
  it("are told apart from those of a line that begins alike, and may be none", () => {
    expect(releaseIn("linux-image-6.12.9+deb13-amd64", "6.1")).toBeUndefined();
    expect(packagesOf("7.4", NAMES)).toBeUndefined();
  });
});

describe("options", () => {
  it("defaults to two seeds on the default kernel and the newest recorded one", () => {
    const { kernels, ...others } = parseOptions([]);
    expect(kernels[0]).toBe("6.12");
    expect(others).toMatchObject({ seeds: 2, steps: 20, firstSeed: 1 });
  });

  it("takes several kernels, each once, and seeds of the moment", () => {
    const { kernels, firstSeed } = parseOptions(["--kernel", "6.18,7.3,6.18", "--seed", "fresh"]);
    expect(kernels).toEqual(["6.18", "7.3"]);
    expect(firstSeed).toBeGreaterThan(1);
  });
  it.each([
    ["--seeds", "0"],
    ["--steps", "x"],
    ["--kernel", "newest"],
    ["--kernel", "6.12.1"],
    ["--kernel", "6.1,"],
    ["--bogus"],
  ])("refuses %s %s", (...args) => {
    expect(() => parseOptions(args)).toThrow(/expected|Unknown/);
  });
});
