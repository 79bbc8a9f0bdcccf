/** One table, three renderings: aligned text, Markdown, CSV. Cells are strings; numbers are formatted before. */
export interface Table {
  readonly columns: readonly { readonly title: string; readonly align: "left" | "right" }[];
  readonly rows: readonly (readonly string[])[];
}

/** Columns padded to their widest cell, two spaces between, no trailing spaces. */
export function textTable(table: Table, indent = ""): string {
  const widths = table.columns.map((column, c) =>
    Math.max(column.title.length, ...table.rows.map((row) => (row[c] ?? "").length)),
  );
  const line = (cells: readonly string[]) =>
    `${indent}${cells
      .map((cell, c) =>
        table.columns[c]?.align === "right" ? cell.padStart(widths[c] ?? 0) : cell.padEnd(widths[c] ?? 0),
      )
      .join("  ")}`.trimEnd();
  return [line(table.columns.map((column) => column.title)), ...table.rows.map(line)].join("\n");
}

/** A table in Markdown, numbers to the right. */
export function markdownTable(table: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [
    line(table.columns.map((column) => column.title)),
    line(table.columns.map((column) => (column.align === "right" ? "---:" : "---"))),
    ...table.rows.map(line),
  ].join("\n");
}

/** RFC 4180: quoted where a cell holds a comma, a quote or a line break; lines end in LF. */
export function csvTable(table: Table): string {
  const line = (cells: readonly string[]) =>
    cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(",");
  return `${[table.columns.map((column) => column.title), ...table.rows].map(line).join("\n")}\n`;
}
