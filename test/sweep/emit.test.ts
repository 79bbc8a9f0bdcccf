import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { EMIT_KINDS, emitJob } from "../../src/sweep/emit.ts";

const options = {
  sweep: "my sweeps/it's.yaml",
  text: 'axes:\n  - kernel.version: ["6.12"]\n',
  folder: "/results",
  nrShards: 8,
  version: "0.1.0",
};

// That the engines take them is test/distributed.
describe("job files", () => {
  it.each(EMIT_KINDS)("%s: a task for each shard", (kind) => {
    const text = emitJob(kind, options);
    expect(text).toContain(kind === "k8s" ? "completions: 8" : "8");
    if (kind !== "k8s") expect(text).toContain(`'my sweeps/it'\\''s.yaml'`);
  });

  it("Kubernetes takes the sweep file along, byte for byte", () => {
    const [map, job] = parseAllDocuments(emitJob("k8s", options)).map(
      (document) => document.toJS() as Record<string, never>,
    );
    expect(map?.["data"]).toEqual({ "sweep.yaml": options.text });
    expect(job?.["spec"]).toMatchObject({
      completionMode: "Indexed",
      completions: 8,
      template: { spec: { containers: [{ args: expect.arrayContaining(["--shards", "8"]) }] } },
    });
  });
});
