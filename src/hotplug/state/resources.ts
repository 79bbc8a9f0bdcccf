/** One range of /proc/iomem. Addresses in bytes, `end` inclusive, as the kernel prints them. */
export interface Resource {
  readonly start: number;
  readonly end: number;
  readonly name: string;
  /** IORESOURCE_SYSRAM_MERGEABLE: asked for with MHP_MERGE_RESOURCE. */
  readonly mergeable?: boolean;
}

/** The System RAM part of the resource tree: what hotplug requests and releases. */
export class ResourceTree {
  #resources: Resource[];

  constructor(resources: readonly Resource[]) {
    this.#resources = [...resources].sort((a, b) => a.start - b.start);
  }

  list(): readonly Resource[] {
    return this.#resources;
  }

  /** request_resource. @error returns false on a conflict */
  request(resource: Resource): boolean {
    if (this.#resources.some(({ start, end }) => start <= resource.end && resource.start <= end)) return false;
    this.#resources = [...this.#resources, resource].sort((a, b) => a.start - b.start);
    return true;
  }

  /** release_mem_region_adjustable: what the range covers goes, the rest of a larger resource stays. */
  release(start: number, end: number): void {
    this.#resources = this.#resources.flatMap((resource) => {
      if (resource.end < start || end < resource.start) return [resource];
      const before = { ...resource, end: Math.min(resource.end, start - 1) };
      const after = { ...resource, start: Math.max(resource.start, end + 1) };
      return [before, after].filter((part) => part.start <= part.end);
    });
  }

  /**
   * merge_system_ram_resource: `resource` and its touching neighbours of the same name that may be merged become one.
   *
   * @source kernel/resource.c system_ram_resources_mergeable, 6.12
   */
  merge(resource: Resource): void {
    const own = (other: Resource) => other.start === resource.start && other.end === resource.end;
    const alike = (other: Resource) => other.name === resource.name && (own(other) || other.mergeable === true);
    const merged = this.#resources.filter(
      (other) => alike(other) && other.start <= resource.end + 1 && resource.start <= other.end + 1,
    );
    const start = Math.min(...merged.map((part) => part.start));
    const end = Math.max(...merged.map((part) => part.end));
    this.#resources = [
      ...this.#resources.filter((other) => !merged.includes(other)),
      { ...resource, start, end, mergeable: true },
    ].sort((a, b) => a.start - b.start);
  }
}

/** A line of /proc/iomem without its indentation. @source kernel/resource.c r_show */
export function formatResource({ start, end, name }: Resource): string {
  const hex = (value: number) => value.toString(16).padStart(8, "0");
  return `${hex(start)}-${hex(end)} : ${name}`;
}

/** Reads one line of /proc/iomem; addresses in bytes, `end` inclusive. @returns undefined for another line */
export function parseResource(line: string): (Resource & { readonly depth: number }) | undefined {
  const match = /^( *)([0-9a-f]+)-([0-9a-f]+) : (.+)$/.exec(line);
  if (!match) return undefined;
  const [, indent = "", start = "", end = "", name = ""] = match;
  return { depth: indent.length / 2, start: Number.parseInt(start, 16), end: Number.parseInt(end, 16), name };
}
