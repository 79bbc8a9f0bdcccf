export const event = (i: number): string =>
  `            bash-7       [001] .....   ${i}.000001: mm_page_alloc: page=0000000043e14d9e pfn=0x${(i + 1).toString(16)} order=0 migratetype=${i % 3} gfp_flags=GFP_KERNEL|__GFP_ZERO\n`;

export const text = (count: number): string => Array.from({ length: count }, (_, i) => event(i)).join("");
