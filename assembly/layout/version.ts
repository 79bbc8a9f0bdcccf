// Made by the build from the other files of this folder: a binary of another layout is refused.
export const LAYOUT_VERSION = 0xbb4f83a;
