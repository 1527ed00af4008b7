/** Builds each chunk of `src/ui-chunks/`: scripts share nothing, so each is a build of its own. */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const folder = fileURLToPath(new URL("src/ui-chunks", import.meta.url));
for (const entry of readdirSync(folder, { withFileTypes: true })) {
  if (entry.isDirectory()) await build({ mode: `ui-${entry.name}` });
}
