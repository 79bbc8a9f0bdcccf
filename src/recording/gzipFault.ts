/** The stream is no gzip from here on; what came before it was handed out. */
export class GzipFault extends Error {
  readonly fault: "truncated" | "corrupt";
  constructor(fault: "truncated" | "corrupt", detail: string) {
    super(detail);
    this.fault = fault;
  }
}
