/** Kernel functions by address, from /proc/kallsyms. */
export class SymbolTable {
  /** Ascending; addresses without their upper half, which is 0xffffffff for all kernel text. */
  private readonly addresses: number[] = [];
  private readonly names: string[] = [];

  constructor(kallsyms: string) {
    const found: (readonly [number, string, boolean])[] = [];
    for (const line of kallsyms.split("\n")) {
      const row = /^ffffffff([0-9a-f]{8}) ([tTwW]) (\S+)/.exec(line);
      if (row?.[1] && row[3]) found.push([Number.parseInt(row[1], 16), row[3], row[2] === "T"]);
    }
    // Of several names for one address, a global one.
    found.sort((a, b) => a[0] - b[0] || Number(b[2]) - Number(a[2]));
    for (const [address, name] of found) {
      if (this.addresses.at(-1) === address) continue;
      this.addresses.push(address);
      this.names.push(name);
    }
  }

  /** The function that holds an address (its lower half). */
  nameOf(address: number): string {
    let low = 0;
    let high = this.addresses.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.addresses[middle] ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    return this.names[low - 1] ?? "unknown";
  }
}
