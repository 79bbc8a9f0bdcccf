import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { InputError } from "../../src/errors.ts";
import { readScenario } from "../../src/scenario/scenario.ts";

const folder = mkdtempSync(join(tmpdir(), "altmap-policy-"));
afterAll(() => rmSync(folder, { recursive: true }));

function read(text: string) {
  const path = join(folder, "scenario.yaml");
  writeFileSync(path, text);
  return readScenario(path);
}

describe("policy", () => {
  test("order and size of what operations meet: a fifth in pfn order and single pages unless said", () => {
    expect(readScenario(undefined).policy).toMatchObject({ pfnOrder: 0.2, folio: { order: 0, nrPages: 1 } });
    expect(read("policy: {pfn_order: 1, folio: 64KiB}").policy).toMatchObject({
      pfnOrder: 1,
      folio: { order: 4, nrPages: 16 },
    });
  });

  test.each([
    ["policy: {pfn_order: 1.5}", /"policy.pfn_order" is 1.5/],
    ["policy: {pfn_order: -0.1}", /"policy.pfn_order" is -0.1/],
    ["policy: {pfn_order: .nan}", /"policy.pfn_order"/],
    ["policy: {pfn_order: most}", /"policy.pfn_order" is "most"/],
    ["policy: {user_data_on_hot_added: 2}", /"policy.user_data_on_hot_added" is 2/],
    ["policy: {folio: 8KiB}", /no folio of anonymous memory is 8KiB/],
    ["policy: {folio: big}", /"policy.folio"/],
    ["policy: {folio: 64KiB}\nkernel: {version: '6.6'}", /Linux 6.6 has no folios of 64KiB/],
  ])("%s is refused", (text, message) => {
    expect(() => read(text)).toThrow(InputError);
    expect(() => read(text)).toThrow(message);
  });
});
