// The results as other programs read them: CSV in pandas and R from Debian, Parquet in DuckDB and polars from npm.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { check, needModules, needPackages, run, runModule } from "./tools.ts";

interface Found {
  readonly rows: number;
  readonly sum: number;
  readonly types: string;
}

const COLUMN = "slowdown_ratio";

export function csvCheck(folder: string): string {
  needPackages("python3-pandas", "r-base-core");
  const file = join(folder, "results.csv");
  const expected = expectedOf(folder);
  const pandas = run("/usr/bin/python3", [
    "-c",
    `import pandas as p; d = p.read_csv(${JSON.stringify(file)}, dtype={"kernel": str}); print(len(d), repr(d["${COLUMN}"].sum()), d["capacity_bytes"].dtype, d["${COLUMN}"].dtype, d["allowed"].dtype)`,
  ]);
  const r = run("Rscript", [
    "-e",
    `d <- read.csv(${JSON.stringify(file)}, colClasses = c(kernel = "character")); cat(nrow(d), format(sum(d$${COLUMN}, na.rm = TRUE), digits = 15), class(d$capacity_bytes), class(d$${COLUMN}))`,
  ]);
  return [compare("pandas", pandas, expected), compare("R", r, expected)].join("; ");
}

export function parquetCheck(folder: string): string {
  const modules = needModules("@duckdb/node-api@1.5.6-r.1", "nodejs-polars@0.24.1");
  const file = JSON.stringify(join(folder, "results.parquet"));
  const expected = expectedOf(folder);
  const duckdb = runModule(
    modules,
    `import { DuckDBInstance } from "@duckdb/node-api";
const connection = await (await DuckDBInstance.create()).connect();
const reader = await connection.runAndReadAll("select count(*), sum(${COLUMN}), any_value(typeof(capacity_bytes)), any_value(typeof(${COLUMN})), any_value(typeof(allowed)), any_value(typeof(kernel)) from read_parquet('" + ${file} + "')");
console.log(...reader.getRows()[0].map(String));`,
  );
  const polars = runModule(
    modules,
    `import pl from "nodejs-polars";
const d = pl.readParquet(${file});
console.log(d.height, d.getColumn("${COLUMN}").sum(), String(d.getColumn("capacity_bytes").dtype), String(d.getColumn("${COLUMN}").dtype));`,
  );
  return [compare("DuckDB", duckdb, expected), compare("polars", polars, expected)].join("; ");
}

function expectedOf(folder: string): Found {
  const rows = readFileSync(join(folder, "results.ndjson"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, number>);
  return { rows: rows.length, sum: rows.reduce((sum, row) => sum + (row[COLUMN] ?? 0), 0), types: "" };
}

function compare(name: string, output: string, expected: Found): string {
  const [rows, sum, ...types] = output.trim().split(/\s+/);
  check(
    Number(rows) === expected.rows && Math.abs(Number(sum) / expected.sum - 1) < 1e-12,
    `${name}: ${output.trim()}, expected ${expected.rows} rows and ${expected.sum}`,
  );
  check(
    types[0] !== undefined && /int|numeric|bigint/i.test(types[0]) && /double|float|numeric/i.test(types[1] ?? ""),
    `${name}: the types are ${types.join(" ")}`,
  );
  return `${name}: ${rows} rows, ${types.join(" ")}`;
}
