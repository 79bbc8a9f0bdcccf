import { InputError, nearestName } from "../errors.ts";
import { platform } from "../platform.ts";
import type { ImportReport } from "./import/importReport.ts";
import { importTrace } from "./import/importTrace.ts";
import type { TraceTextOptions } from "./import/traceText.ts";
import { readJsonFile } from "./jsonFile.ts";
import { parseOperations } from "./operations.ts";
import type { Operation } from "./operationsSchema.ts";
import { listRecordings, loadRecording, type PackagedRecording } from "./packagedRecording.ts";
import { parseRecordingSummary, type RecordingSummary } from "./recordingSummary.ts";
import { readTouchMarks, type TouchMarks } from "./touchMarks.ts";
import { type ReadTouchTraceOptions, readTouchTrace } from "./touchTrace.ts";

/** Where the parts of a recording lie; each overrides what `openRecording` would find by name. */
export interface RecordingFiles {
  readonly summary?: string | undefined;
  readonly touch?: string | undefined;
  /** Beside the touches, where there are any. */
  readonly marks?: string | undefined;
  readonly kmem?: string | undefined;
  readonly operations?: string | undefined;
}

/** Event records, and what the importer said of the text that they come from (packaged ones are whole). */
export interface EventStream {
  readonly batches: AsyncIterable<Uint8Array>;
  readonly report: ImportReport | undefined;
}

/** What a recording holds; a part that it lacks is undefined. */
export interface Recording {
  readonly name: string;
  readonly packaged: boolean;
  readonly summary: RecordingSummary | undefined;
  /** Where errors about a part say that it lies: its file, or the name of the recording. */
  readonly summaryPath?: string | undefined;
  readonly touchPath?: string | undefined;
  /** Batches of whole touch records, from the first each time it is called. Use `for await`. */
  readonly touches: ((options?: ReadTouchTraceOptions) => AsyncIterable<Uint8Array>) | undefined;
  /** Whose each touch is. Resolves to undefined where the recording does not say, or has too many to keep. */
  readonly marks?: (() => Promise<TouchMarks | undefined>) | undefined;
  /** The largest pfn of the touches, of a packaged recording. */
  readonly lastPfn?: (() => number) | undefined;
  /** What `importTrace` gives for the kmem trace, from the first event each time it is called. */
  readonly events: ((options?: TraceTextOptions) => EventStream) | undefined;
  /** The kmem text, where there is one. */
  readonly kmemPath: string | undefined;
  readonly operations: readonly Operation[] | undefined;
}

const SUFFIXES = [".touch.gz", ".kmem.txt.gz", ".kmem.txt", ".json"];

/**
 * Opens a recording by the name of a packaged one, by a path with or without suffix (`.../traffic/NAME`, its trace
 * files in the same folder or in `../traces`), or by its files alone (`target` undefined).
 *
 * @error InputError when nothing is there; FileInputError when a part cannot be read
 */
export async function openRecording(target: string | undefined, files: RecordingFiles = {}): Promise<Recording> {
  if (target !== undefined && isPackagedName(target)) return withFiles(openPackaged(target), files);
  const found = target === undefined ? {} : findFiles(target, files);
  const given = Object.fromEntries(Object.entries(files).filter(([, path]) => path !== undefined)) as RecordingFiles;
  const all: RecordingFiles = { ...found, ...given };
  const first = target ?? all.summary ?? all.touch ?? all.kmem ?? all.operations;
  if (first === undefined)
    throw new InputError({ what: "no recording is named", example: "altmap traffic traffic/wl_fault_64m_x2" });
  return withFiles(
    {
      name: stemOf(platform().paths.basename(first)),
      packaged: false,
      summary: undefined,
      touches: undefined,
      events: undefined,
      kmemPath: undefined,
      operations: undefined,
    },
    all,
  );
}

/** Whether the name is of a packaged recording, rather than a path. */
const isPackagedName = (target: string): boolean => !/[/\\.]/.test(target) && listRecordings().includes(target);

/**
 * A digest of the files that a recording lies in, so that what was counted of it is told from what another file of that
 * name would give; undefined of one that is not packaged where no counts are kept, and of what is no file.
 */
export function contentOfRecording(target: string): string | undefined {
  const { keptCounts } = platform();
  if (isPackagedName(target)) return keptCounts?.contentOfPackaged(target) ?? "packaged";
  if (keptCounts === undefined || target === "-") return undefined;
  const files = Object.entries(findFiles(target, {})).filter(([, path]) => path !== undefined);
  const contents = files.map(([part, path]) => [part, keptCounts.contentOf(path as string)]);
  return contents.some(([, content]) => content === undefined) ? undefined : JSON.stringify(contents);
}

function openPackaged(name: string): Recording {
  const packaged = loadRecording(name);
  return {
    name,
    packaged: true,
    summary: packaged.summary,
    touches: async function* (options) {
      yield* packaged.touchBatches(options?.batchRecords);
    },
    marks: async () => packaged.touchMarks(),
    lastPfn: packaged.lastPfn,
    events: (options) => ({ batches: packagedEvents(packaged, options), report: undefined }),
    kmemPath: undefined,
    operations: packaged.summary.operations,
  };
}

async function* packagedEvents(packaged: PackagedRecording, options?: TraceTextOptions): AsyncGenerator<Uint8Array> {
  yield* packaged.eventBatches(options?.batchEvents);
}

async function withFiles(recording: Recording, files: RecordingFiles): Promise<Recording> {
  const summary =
    files.summary === undefined
      ? recording.summary
      : parseRecordingSummary(await readJsonFile(files.summary, ["summary"]), files.summary);
  const { touch, marks, kmem } = files;
  return {
    name: summary?.name ?? recording.name,
    packaged: recording.packaged,
    summary,
    summaryPath: files.summary,
    touchPath: touch,
    touches: touch === undefined ? recording.touches : (options) => readTouchTrace(touch, options),
    marks: touch === undefined ? recording.marks : marksOf(marks),
    lastPfn: touch === undefined ? recording.lastPfn : undefined,
    events: kmem === undefined ? recording.events : (options) => importTrace(kmem, options),
    kmemPath: kmem ?? recording.kmemPath,
    operations:
      files.operations === undefined
        ? (recording.operations ?? summary?.operations)
        : await readOperations(files.operations),
  };
}

const marksOf = (path: string | undefined): Recording["marks"] =>
  path === undefined ? undefined : () => readTouchMarks(path);

/** Reads a list of operations, or the `operations` of a recording's summary. */
async function readOperations(path: string): Promise<readonly Operation[]> {
  const json = await readJsonFile(path, ["operations", "summary"]);
  const isSummary = typeof json === "object" && json !== null && !Array.isArray(json) && "operations" in json;
  return isSummary ? parseOperations(json.operations, `${path}: operations`) : parseOperations(json, path);
}

function stemOf(path: string): string {
  const suffix = SUFFIXES.find((end) => path.endsWith(end));
  return suffix === undefined ? path : path.slice(0, -suffix.length);
}

/** Neighbours by name: the same folder first, then traffic/ and traces/ beside it. */
function findFiles(target: string, given: RecordingFiles): RecordingFiles {
  const { basename, dirname, join } = platform().paths;
  const { isFile } = platform();
  const stem = stemOf(target);
  const name = basename(stem);
  const folders = [dirname(stem), join(dirname(stem), "..", "traffic"), join(dirname(stem), "..", "traces")];
  const find = (suffix: string): string | undefined =>
    folders.map((folder) => join(folder, name + suffix)).find(isFile);
  const found = {
    summary: find(".json"),
    touch: find(".touch.gz"),
    marks: find(".marks.gz"),
    kmem: find(".kmem.txt.gz") ?? find(".kmem.txt"),
  };
  // A path that names a file of ours is that part, wherever it lies and whatever else is found.
  if (stem !== target && !isFile(target)) throw missing(target);
  if (stem === target && isFile(target)) return { ...found, touch: target };
  const any = [...Object.values(found), ...Object.values(given)].some((path) => path !== undefined);
  if (!any) throw missing(target);
  return found;
}

function missing(target: string): InputError {
  const names = listRecordings();
  const near = nearestName(target, names);
  return new InputError({
    where: target,
    what: `no such recording${near === undefined ? "" : `; did you mean "${near}"?`}`,
    expected: `a path of which NAME.json, NAME.touch.gz or NAME.kmem.txt.gz exists, or one of ${names.join(", ")}`,
    example: "altmap traffic kernel-6.1/traffic/wl_fault_64m_x2",
  });
}
