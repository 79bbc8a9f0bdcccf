// The emitted manifest against the schema of the Kubernetes API, by the maintained package kubernetes-models.
import { join } from "node:path";
import { altmap, check, FOLDER, needModules, runModule } from "./tools.ts";

export function kubernetesCheck(sweep: string): string {
  const modules = needModules("kubernetes-models@5.1.0", "yaml@2.9.1");
  const manifest = altmap("sweep", sweep, "-o", join(FOLDER, "k8s"), "--emit", "k8s", "--shards", "8");
  const output = runModule(
    modules,
    `import { parseAllDocuments } from "yaml";
import { Job } from "kubernetes-models/batch/v1/Job";
import { ConfigMap } from "kubernetes-models/v1/ConfigMap";
const [map, job] = parseAllDocuments(${JSON.stringify(manifest)}).map((document) => document.toJS());
new ConfigMap(map).validate();
new Job(job).validate();
// That it can fail: a schema that takes all says nothing.
let refused = 0;
for (const spoil of [(it) => { it.spec.completions = "8"; }, (it) => { it.spec.template.spec.containers[0].name = 1; }, (it) => { delete it.spec.template; }]) {
  const spoilt = structuredClone(job);
  spoil(spoilt);
  try { new Job(spoilt).validate(); } catch { refused++; }
}
console.log(job.spec.completionMode, job.spec.completions, refused);`,
  );
  check(output.trim() === "Indexed 8 3", `the manifest: ${output}`);
  return "ConfigMap and Indexed Job of 8 are valid, and three spoilt ones are not";
}
