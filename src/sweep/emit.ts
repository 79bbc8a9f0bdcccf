// Job files for engines that run a sweep on many machines. Each task is one shard, which keeps no state but its lines.
import { stringify } from "yaml";

export const EMIT_KINDS = ["slurm", "k8s", "parallel"] as const;
export type EmitKind = (typeof EMIT_KINDS)[number];

export interface EmitOptions {
  /** The sweep file, as the job will find it. */
  readonly sweep: string;
  /** What it holds: Kubernetes takes it along. */
  readonly text: string;
  /** Where results go; a folder that all tasks share, or one each that `altmap merge` is given together. */
  readonly folder: string;
  readonly nrShards: number;
  /** Of altmap, for images that install it. */
  readonly version: string;
}

/** A job file, to be submitted as its first lines say. */
export function emitJob(kind: EmitKind, options: EmitOptions): string {
  return { slurm: slurmJob, k8s: kubernetesJob, parallel: parallelJob }[kind](options);
}

const quoted = (word: string): string => (/^[\w./@%+=:-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

/** A task that is killed or loses its node is queued again and does what it had not done. */
function slurmJob({ sweep, folder, nrShards }: EmitOptions): string {
  return `#!/bin/sh
# sbatch this file; then: altmap merge ${quoted(folder)}
#SBATCH --job-name=altmap-sweep
#SBATCH --array=0-${nrShards - 1}
#SBATCH --cpus-per-task=1
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=altmap-sweep-%A_%a.log
# ALTMAP: how the nodes call altmap, where it is not in the PATH.
exec \${ALTMAP:-altmap} sweep ${quoted(sweep)} -o ${quoted(folder)} --shards ${nrShards} --workers "\${SLURM_CPUS_PER_TASK:-1}"
`;
}

function parallelJob({ sweep, folder, nrShards }: EmitOptions): string {
  const command = `\${ALTMAP:-altmap} sweep ${quoted(sweep)} -o ${quoted(folder)} --shard {#}/${nrShards}`;
  return `#!/bin/sh
# sh this file HOSTS: a file of ssh logins, one a line (GNU parallel's --sshloginfile). The folder of the results is one
# that all hosts share. A task that fails is tried again elsewhere; then: altmap merge ${quoted(folder)}
# ALTMAP: how the hosts call altmap, where it is not in the PATH.
exec parallel --sshloginfile "\${1:?a file of ssh logins}" --jobs 1 --retries 3 --workdir "$PWD" --joblog altmap-sweep.joblog \\
  "${command.replaceAll('"', '\\"')}" ::: $(seq ${nrShards})
`;
}

/** Kubernetes 1.24 and later: an Indexed Job, the sweep file in a ConfigMap, results on a claim that tasks share. */
function kubernetesJob({ text, nrShards, version }: EmitOptions): string {
  const name = "altmap-sweep";
  const configMap = { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { "sweep.yaml": text } };
  const container = {
    name: "altmap",
    image: "node:20-bookworm-slim",
    command: ["npx", "--yes", `altmap@${version}`],
    args: ["sweep", "/sweep/sweep.yaml", "-o", "/results", "--shards", String(nrShards), "--workers", "1"],
    env: [
      { name: "XDG_CACHE_HOME", value: "/results/.cache" },
      { name: "HOME", value: "/tmp" },
    ],
    resources: { requests: { cpu: "1", memory: "512Mi" }, limits: { memory: "2Gi" } },
    volumeMounts: [
      { name: "sweep", mountPath: "/sweep", readOnly: true },
      { name: "results", mountPath: "/results" },
    ],
  };
  const job = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name },
    spec: {
      completionMode: "Indexed",
      completions: nrShards,
      parallelism: nrShards,
      backoffLimit: 3 * nrShards,
      template: {
        spec: {
          restartPolicy: "OnFailure",
          containers: [container],
          volumes: [
            { name: "sweep", configMap: { name } },
            { name: "results", persistentVolumeClaim: { claimName: name } },
          ],
        },
      },
    },
  };
  const head =
    "# kubectl apply -f this file. Results go to the claim altmap-sweep (ReadWriteMany), which you make; then, where it is\n" +
    "# mounted: altmap merge DIR. Files that the sweep names (csv, profiles) must lie in the ConfigMap too.\n";
  return `${head}${stringify(configMap, { lineWidth: 0 })}---\n${stringify(job)}`;
}
