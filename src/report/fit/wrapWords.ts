/** Cuts text at blanks into lines of at most `width`; those behind the first are indented. A longer word stays whole. */
export function wrapWords(text: string, width: number, indent = 0): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const next = line === "" ? word : `${line} ${word}`;
    if (next.length > width && line.trim() !== "") {
      lines.push(line.trimEnd());
      line = `${" ".repeat(indent)}${word}`;
    } else line = next;
  }
  return [...lines, line.trimEnd()];
}
