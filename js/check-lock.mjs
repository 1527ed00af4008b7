// A registry can hold a new native package before all its platform builds are there. npm then writes a lock
// without the missing ones, silently, and other platforms get no binary: every optional dependency that a
// package names must have an entry of its own.
import { readFileSync } from "node:fs";

const { packages } = JSON.parse(
  readFileSync(new URL("package-lock.json", import.meta.url), "utf8"),
);

/** Where node would look for `name`, required from the package that lies at `from`: nearest folder first. */
function* places(from, name) {
  const parts = from === "" ? [] : from.split(/\/?node_modules\//).slice(1);
  for (let depth = parts.length; depth >= 0; depth--) {
    yield [...parts.slice(0, depth), name].map((part) => `node_modules/${part}`).join("/");
  }
}

const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
  Object.keys(optionalDependencies)
    .filter((name) => ![...places(path, name)].some((place) => place in packages))
    .map((name) => `${name}, wanted by ${path}`),
);
const addresses = Object.entries(packages).filter(([, { resolved }]) =>
  resolved?.startsWith("http"),
);

for (const line of missing) console.error(`package-lock.json lacks ${line}`);
for (const [path] of addresses)
  console.error(`package-lock.json holds a download address for ${path}`);
process.exit(missing.length + addresses.length > 0 ? 1 : 0);
