/** Operations beyond the closed list of the recordings: our own words, for what that list cannot say. */
export const FURTHER_OPERATIONS = {
  already_mapped_thp: {
    keys: { huge_pages: "pages", unmapped_pages: "pages" },
    about: "state before the recording: huge pages held, the last so many 4 KiB pages of each unmapped",
  },
  thp_unmap_part: {
    keys: { huge_pages: "pages", pages: "pages" },
    about: "munmap or MADV_DONTNEED of the last so many 4 KiB pages of each of the first huge pages",
  },
  thp_split_pmd: {
    keys: { huge_pages: "pages" },
    about: "the first huge pages mapped page by page from now on, as mprotect of a part leaves them",
  },
  thp_split: {
    keys: { huge_pages: "pages", zero_pages: "pages" },
    about: "the first huge pages split by split_huge_pages; the last so many 4 KiB pages of each hold only zeroes",
  },
  thp_split_deferred: {
    keys: { huge_pages: "pages", zero_pages: "pages" },
    about: "the same by the shrinker, of huge pages of which a part is unmapped",
  },
  already_in_pool: {
    keys: { huge_pages: "pages", hvo: "boolean" },
    about: "state before the recording: hugetlb pages in the pool; hvo: their vmemmap is optimized",
  },
  hugetlb_grow: {
    keys: { huge_pages: "pages", hvo: "boolean" },
    about: "2 MiB pages added to the hugetlb pool; hvo: with hugetlb_free_vmemmap=on, refused on self-hosted memmap",
  },
  hugetlb_fault: { keys: { huge_pages: "pages" }, about: "first touch of so many pages of the pool" },
  hugetlb_unmap: { keys: { huge_pages: "pages" }, about: "the last so many of them unmapped, back to the pool" },
  hugetlb_shrink: {
    keys: { huge_pages: "pages" },
    about: "so many pages of the pool freed; of pages with optimized vmemmap up to Linux 6.1 only",
  },
} as const satisfies Readonly<
  Record<string, { readonly keys: Readonly<Record<string, KeyKind>>; readonly about: string }>
>;

/** What a key takes: a number, or true and false. */
export type KeyKind = "pages" | "boolean";

/** One line or two for each, as help texts show them. */
export function furtherOperationsText(): string {
  return Object.entries(FURTHER_OPERATIONS)
    .map(([op, { keys, about }]) => `  ${op} {${Object.keys(keys).join(", ")}}\n      ${about}`)
    .join("\n");
}
