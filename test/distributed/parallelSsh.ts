// Debian's GNU parallel runs the emitted script over ssh to loopback, two hosts of one name.
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { altmap, COMMAND, check, ENV, FOLDER, needPackages, run, same, until } from "./tools.ts";

const AT = join(FOLDER, "ssh");
const PORT = 12022;
const NR_TASKS = 4;

export async function parallelCheck(sweep: string, expected: string): Promise<string> {
  needPackages("parallel", "openssh-server", "openssh-client");
  mkdirSync(AT, { recursive: true, mode: 0o700 });
  // Where the server separates privileges; Debian's service makes it.
  mkdirSync("/run/sshd", { recursive: true });
  for (const key of ["host", "user"]) run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(AT, key)]);
  writeFileSync(join(AT, "authorized"), readFileSync(join(AT, "user.pub")), { mode: 0o600 });
  writeFileSync(
    join(AT, "sshd_config"),
    `Port ${PORT}\nListenAddress 127.0.0.1\nHostKey ${AT}/host\nAuthorizedKeysFile ${AT}/authorized\nStrictModes no\nPasswordAuthentication no\nPermitRootLogin prohibit-password\nUsePAM no\nPidFile none\n`,
  );
  const server = spawn("/usr/sbin/sshd", ["-D", "-f", join(AT, "sshd_config")], { stdio: "ignore" });
  try {
    const ssh = `ssh -p ${PORT} -i ${AT}/user -o StrictHostKeyChecking=no -o UserKnownHostsFile=${AT}/known -o LogLevel=ERROR ${userInfo().username}@127.0.0.1`;
    const [command = "", ...args] = ssh.split(" ");
    await until("sshd", 20, () => {
      try {
        return run(command, [...args, "true"]) === "";
      } catch {
        return false;
      }
    });
    writeFileSync(join(AT, "hosts"), `1/${ssh}\n`);
    const results = join(AT, "results");
    writeFileSync(
      join(AT, "job.sh"),
      altmap("sweep", sweep, "-o", results, "--emit", "parallel", "--shards", String(NR_TASKS)),
    );
    run("sh", ["job.sh", join(AT, "hosts")], { cwd: AT, env: { ...ENV, ALTMAP: COMMAND } });
    const log = readFileSync(join(AT, "altmap-sweep.joblog"), "utf8").trim().split("\n");
    check(
      log.length === NR_TASKS + 1 && log.slice(1).every((line) => line.includes("127.0.0.1")),
      `the job log:\n${log.join("\n")}`,
    );
    altmap("merge", results);
    same(results, expected);
    return `${NR_TASKS} tasks over ssh to loopback, the same bytes`;
  } finally {
    server.kill("SIGTERM");
  }
}
