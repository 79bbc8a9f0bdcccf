import { InputError } from "../../errors.ts";
import type { TextSource } from "./text.ts";

interface OtherFile {
  readonly mark: RegExp;
  /** What the file is. */
  readonly is: string;
  /** What to do instead. */
  readonly next: string;
}

const SYSFS = "altmap profiles import --sysfs   (reads what the kernel knows of its nodes), or the text of Intel MLC";

/** Files that users have at hand and that hold no speed and no capacity of one memory, by a line only they have. */
const OTHER_FILES: readonly OtherFile[] = [
  { mark: /^\[\s*\d+\.\d{6}\] /m, is: "the kernel's log (dmesg)", next: SYSFS },
  { mark: /^[0-9a-f]{8,16}-[0-9a-f]{8,16} : /m, is: "/proc/iomem", next: "lsmem -o+ZONES,NODE" },
  { mark: /^Node \d+, zone\s+\w+\s*\n\s+(per-node stats|pages free)/m, is: "/proc/zoneinfo", next: SYSFS },
  { mark: /^Node \d+, zone\s+\w+(\s+\d+){6,}/m, is: "/proc/buddyinfo", next: SYSFS },
  { mark: /^Page block order:\s/m, is: "/proc/pagetypeinfo", next: SYSFS },
  { mark: /^(Node \d+ )?MemTotal:\s+\d+ kB/m, is: "/proc/meminfo", next: "numactl -H" },
  { mark: /^nr_free_pages \d+/m, is: "/proc/vmstat", next: SYSFS },
  { mark: /^processor\s*:\s*\d+\s*$/m, is: "/proc/cpuinfo", next: "altmap calibrate" },
  { mark: /^Architecture:\s+\S+\s*\n\s*CPU op-mode/m, is: "lscpu", next: "altmap calibrate" },
  { mark: /^policy: \w+\s*\npreferred node:/m, is: "numactl --show", next: "numactl -H" },
  { mark: /^No NUMA (support )?available on this system/m, is: "numactl without NUMA", next: SYSFS },
  { mark: /^Per-node (process memory|numastat|system memory)/m, is: "numastat", next: "numactl -H" },
  { mark: /^Function\s+Best Rate MB\/s/m, is: "STREAM", next: "the text of Intel MLC, or multiload" },
  { mark: /^tinymembench v/m, is: "tinymembench", next: "multichase and multiload, or Intel MLC" },
  { mark: /^\s*total\s+used\s+free\s+shared/m, is: "free", next: "numactl -H" },
  {
    mark: /^# tracer: |^# cpu(s|id)?=|: mm_page_(alloc|free)/m,
    is: "a trace of the page allocator",
    next: "altmap import FILE",
  },
  { mark: /^Linux version \d/, is: "/proc/version", next: SYSFS },
  { mark: /(^|\s)(root|BOOT_IMAGE|console|memory_hotplug\.\w+)=\S+/, is: "/proc/cmdline", next: SYSFS },
  {
    mark: /^(?:\s*-?\d+(?:\.\d+)?[\t ,]+\d+(?:\.\d+)?\s*\n){2}/,
    is: "two columns of numbers, with neither tool nor unit named (a Mess curve?)",
    next: "altmap profiles show ID --yaml > mine.yaml, then the points as its loadedCurve: {bandwidth: 12 GB/s, latency: 98 ns}",
  },
  {
    mark: /^schema: altmap\/profiles/m,
    is: "a profile file already",
    next: "altmap answer --profiles FILE --device ID",
  },
];

/** The kernel's command line is one line; logs are long: what begins late is no mark of the file. */
const HEAD_CHARACTERS = 4000;

/** @error InputError naming what the file is and what to give instead */
export function refuseKnownOther(source: TextSource): void {
  const head = source.text.slice(0, HEAD_CHARACTERS);
  const isOneLine = !head.trim().includes("\n");
  const found = OTHER_FILES.find(({ mark, is }) => (is !== "/proc/cmdline" || isOneLine) && mark.test(head));
  if (found === undefined) return;
  throw new InputError({
    what: `this is ${found.is}: no latency, bandwidth or capacity of one memory in it`,
    where: source.file,
    expected: "a measurement (Intel MLC, multichase, multiload, lmbench) or a list of devices and nodes",
    example: found.next,
  });
}
