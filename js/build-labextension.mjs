// The builder is called straight from node: it needs neither Python nor a jupyterlab installation.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const here = dirname(fileURLToPath(import.meta.url));
const builder = dirname(require.resolve("@jupyter/builder/package.json"));
const { status } = spawnSync(
  process.execPath,
  [
    join(builder, "lib/build-labextension.js"),
    "--core-package-file",
    require.resolve("@jupyterlab/core-meta/core.package.json"),
    here,
  ],
  { stdio: "inherit", cwd: here },
);
process.exit(status ?? 1);
