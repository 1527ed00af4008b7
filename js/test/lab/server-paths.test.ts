import { ContentsManager, Drive } from "@jupyterlab/services";
import { expect, it } from "vitest";
import { serverPath } from "../../src/lab/server-paths";

it("a file of another drive is none of the server's, whatever its path is", () => {
  const contents = new ContentsManager();
  for (const name of ["RTC", "S3"]) contents.addDrive(new Drive({ name }));
  const paths = ["jobs/app.py", "RTC:jobs/app.py", "S3:jobs/app.py"];
  expect(paths.map((path) => serverPath(contents, path))).toEqual([
    "jobs/app.py",
    "jobs/app.py",
    undefined,
  ]);
});
