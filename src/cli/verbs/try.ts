import type { Command } from "commander";

interface TryCliOptions {
  readonly json?: boolean;
  readonly as?: string;
  readonly profiles?: string;
  readonly output?: string;
}

/** `altmap try`: steps of one's own on the hotplug state machine. */
export function registerTry(program: Command): void {
  program
    .command("try")
    .description("do hotplug steps of your own, with faults and vetoes, and print what a shell would show after each")
    .argument("<script>", "script in YAML, a recording, or the name of an example")
    .option("--as <form>", "instead, print the script of a recording, or the recording of a script: script, recording")
    .option("--profiles <file>", "hosts and devices of your own, for costs")
    .option("--json", "print JSON (altmap/try-v1)")
    .option("-o, --output <file>", "write to a file instead of stdout")
    .addHelpText(
      "after",
      `
An error of a step is its outcome, not altmap's: exit code 0. A step that is impossible is bad input: exit code 2.

Examples that come with altmap:
  altmap try chunk-fails            the altmap of chunk 3 fails, and blocks 0 to 2 are taken back
  altmap try mixed-range            a range of which one half hosts its memmap is refused at removal
  altmap try online-fails           onlining stops at block 2 after a split add, which has succeeded
  altmap try prepare-vetoed         s390: MEM_PREPARE_ONLINE is vetoed, and nothing is left
  altmap try knob-while-bound       memmap_on_memory written before, while and after kmem is bound
  altmap try kmem-or-daxctl         who binds a CXL device: kmem by itself, or daxctl, under an online policy
  altmap try endless-offline        6.18: a single slab page, an offline that never ends, and who waits for it

Your own:
  altmap try mine.yaml --json
  altmap try recording.json --as script > mine.yaml`,
    )
    .action(async (script: string, options: TryCliOptions) => {
      const [{ tryFile }, { writeOutput }] = await Promise.all([
        import("../tryFile.ts"),
        import("../../report/output.ts"),
      ]);
      writeOutput(options.output, await tryFile(script, options));
    });
}
