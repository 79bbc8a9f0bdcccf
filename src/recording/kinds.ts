/** The kinds of files that commands take. */
export type FileKindName =
  | "events"
  | "touches"
  | "summary"
  | "operations"
  | "conformance"
  | "cases"
  | "scenario"
  | "script"
  | "profiles"
  | "measurement"
  | "measured"
  | "output"
  | "other"
  | "binary";

/** What a file is, in words, and the command that takes it. */
export interface FileKind {
  readonly name: FileKindName;
  /** After "is". */
  readonly what: string;
  readonly expected?: string;
  readonly example?: (path: string) => string;
}
