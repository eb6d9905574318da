/** Joins a path onto a directory, lexically: absolute, without `.`, `..`, doubled and final slashes. */
export function resolvePath(directory: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith("/") ? path : `${directory}/${path}`).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** Whether the path can only be a directory, by its last part: `a/`, `.`, `a/..`, or nothing at all. */
export function isDirectoryPath(path: string): boolean {
  return /(?:^|\/)\.{0,2}$/.test(path);
}
