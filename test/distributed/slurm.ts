// A controller and a node of Debian's slurm-wlm on loopback run the emitted array; one task is killed and requeued.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, hostname } from "node:os";
import { join } from "node:path";
import { altmap, COMMAND, check, ENV, FOLDER, needPackages, run, same, until } from "./tools.ts";

const AT = join(FOLDER, "slurm");
const NR_TASKS = 8;

/** `cred_expire` is also how long a requeued job waits before it starts again: 120 s where nothing is said. */
const conf = (): string => `ClusterName=altmap
SlurmctldHost=${hostname()}(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
AuthType=auth/munge
AuthInfo=socket=${AT}/munge.socket,cred_expire=5
CryptoType=crypto/munge
SlurmUser=root
StateSaveLocation=${AT}/state
SlurmdSpoolDir=${AT}/spool
SlurmctldPidFile=${AT}/slurmctld.pid
SlurmdPidFile=${AT}/slurmd.pid
SlurmctldLogFile=${AT}/slurmctld.log
SlurmdLogFile=${AT}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=1,batch_sched_delay=0
ReturnToService=2
MpiDefault=none
KillWait=1
MinJobAge=3600
NodeName=${hostname()} NodeAddr=127.0.0.1 CPUs=${availableParallelism()} State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`;

const env = { ...ENV, SLURM_CONF: join(AT, "slurm.conf"), ALTMAP: COMMAND };
const slurm = (command: string, ...args: readonly string[]) => run(command, args, { env, cwd: AT });

/** Starts what a cluster of one node is; each is put into `daemons` as it starts. */
async function startCluster(daemons: ChildProcess[]): Promise<void> {
  for (const folder of ["", "state", "spool"]) mkdirSync(join(AT, folder), { recursive: true });
  writeFileSync(join(AT, "slurm.conf"), conf());
  writeFileSync(join(AT, "cgroup.conf"), "CgroupAutomount=no\n");
  writeFileSync(join(AT, "munge.key"), randomBytes(1024), { mode: 0o400 });
  const start = (command: string, ...args: readonly string[]) =>
    daemons.push(spawn(command, args, { env, cwd: AT, stdio: "ignore" }));
  const files = ["key-file=munge.key", "socket=munge.socket", "pid-file=munge.pid", "log-file=munge.log"];
  start(
    "munged",
    "--foreground",
    "--force",
    ...files.map((file) => `--${file.replace("=", `=${AT}/`)}`),
    `--seed-file=${AT}/munge.seed`,
  );
  const socket = join(AT, "munge.socket");
  await until("munged", 20, () => spawnSync("munge", ["-n", "-S", socket], { stdio: "ignore" }).status === 0);
  start("slurmctld", "-D");
  start("slurmd", "-D");
  const nodes = () => spawnSync("sinfo", ["-h", "-o", "%t"], { env, encoding: "utf8" }).stdout;
  await until("a node that is idle", 30, () => nodes().includes("idle"));
}

const logOf = (name: string): string => {
  try {
    return readFileSync(join(AT, name), "utf8").trim();
  } catch {
    return "";
  }
};

/** The process of a task of this cluster: the job file becomes it. */
function pidOfTask(task: number): number {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name)))
    try {
      const words = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      if (words.includes(`SLURM_ARRAY_TASK_ID=${task}`) && command.includes(join(AT, "results"))) return Number(pid);
    } catch {
      // Gone already, or not ours.
    }
  throw new Error(`no process of task ${task}`);
}

/** Runs the array and kills a task at work; returns its log. */
async function runArray(sweep: string, results: string): Promise<string> {
  const emitted = altmap("sweep", sweep, "-o", results, "--emit", "slurm", "--shards", String(NR_TASKS));
  writeFileSync(join(AT, "job.sh"), emitted);
  const job = slurm("sbatch", "--parsable", "job.sh").trim();
  const victim = `${job}_1`;
  const log = `altmap-sweep-${victim}.log`;
  const stateOf = () => /JobState=(\S+)/.exec(slurm("scontrol", "show", "job", victim))?.[1] ?? "";
  await until("the task to kill is at work", 60, () => stateOf() === "RUNNING" && logOf(log).includes("to do"));
  process.kill(pidOfTask(1), "SIGKILL");
  await until("the task is killed", 30, () => stateOf() === "FAILED");
  slurm("scontrol", "requeue", victim);
  await until("all tasks", 120, () => {
    const states = slurm("squeue", "-h", "-r", "-t", "all", "-o", "%T", "-j", job).trim().split(/\s+/);
    return states.length >= NR_TASKS && states.every((state) => state === "COMPLETED");
  });
  const restarts = /Restarts=(\d+)/.exec(slurm("scontrol", "show", "job", victim))?.[1];
  check(restarts === "1", `the killed task was restarted ${restarts} times`);
  return logOf(log);
}

export async function slurmCheck(sweep: string, expected: string): Promise<string> {
  needPackages("slurm-wlm", "munge");
  const daemons: ChildProcess[] = [];
  try {
    await startCluster(daemons);
    const results = join(AT, "results");
    const log = await runArray(sweep, results);
    altmap("merge", results);
    same(results, expected);
    return `array of ${NR_TASKS} tasks, task 1 killed with SIGKILL and requeued, the same bytes. Its log:\n${log.replace(/^/gm, "    ")}\n`;
  } catch (error) {
    for (const name of ["slurmctld.log", "slurmd.log"])
      process.stderr.write(`${name}:\n${logOf(name).split("\n").slice(-15).join("\n")}\n`);
    throw error;
  } finally {
    for (const daemon of daemons.reverse()) daemon.kill("SIGTERM");
  }
}
