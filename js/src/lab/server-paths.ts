import type { Contents } from "@jupyterlab/services";

/** Drives that show the contents of the Jupyter server itself; the second is that of collaboration. */
const DRIVES = ["", "RTC"];

/**
 * The path by which the Jupyter server knows a file; undefined for one of another drive, whose path may be that of
 * another file there.
 */
export function serverPath(
  contents: Pick<Contents.IManager, "driveName" | "localPath">,
  path: string,
): string | undefined {
  return DRIVES.includes(contents.driveName(path)) ? contents.localPath(path) : undefined;
}
