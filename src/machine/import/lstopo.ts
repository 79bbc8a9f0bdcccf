import { InputError } from "../../errors.ts";
import { emptyMeasurements, factsOfNode, type Measurements } from "./measured.ts";
import { atLine, type TextSource } from "./text.ts";

const NUMA_NODE = /<object type="NUMANode"([^>]{0,2000})>/;
const MAX_NODE_BYTES = 2 ** 53;

/**
 * Reads `lstopo --of xml` (hwloc): NUMA nodes and their local memory, one object a line. CPU sets are left to numactl.
 *
 * @error InputError when no node has a size
 */
export function parseLstopo(source: TextSource): Measurements {
  const into = emptyMeasurements("lstopo", source.file);
  for (const line of source.lines) {
    const attributes = NUMA_NODE.exec(line.trimmed)?.[1];
    if (attributes === undefined) continue;
    const number = (name: string): number =>
      Number(new RegExp(`\\b${name}="(\\d{1,18})"`).exec(attributes)?.[1] ?? Number.NaN);
    const [node, bytes] = [number("os_index"), number("local_memory")];
    if (!(node >= 0 && node < 1024) || !(bytes >= 0 && bytes < MAX_NODE_BYTES)) {
      throw new InputError({
        what: "a NUMANode without os_index or local_memory",
        where: `${source.file}:${line.number}`,
        example: '<object type="NUMANode" os_index="0" local_memory="16777216000"/>',
      });
    }
    factsOfNode(into, node).sizeBytes = { value: bytes, at: atLine(source, line), how: "local_memory of lstopo" };
  }
  if (into.nodes.length > 0) return into;
  throw new InputError({ what: "holds no NUMANode", where: source.file, expected: "the output of lstopo --of xml" });
}

/** The mark of hwloc's XML. */
export function looksLikeLstopo({ lines }: TextSource): boolean {
  return lines.slice(0, 8).some(({ trimmed }) => /<topology\b|hwloc2?\.dtd/.test(trimmed));
}
