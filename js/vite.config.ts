import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const { version } = JSON.parse(readFileSync(here("package.json"), "utf8")) as { version: string };

/** Files of a page as they are; its styles are a file too, since a content policy may forbid inline ones. */
const pageFiles = (folder: string, names: string[]): Plugin => ({
  name: "page-files",
  buildStart() {
    for (const name of names) this.addWatchFile(here(`${folder}/${name}`));
  },
  generateBundle() {
    for (const name of names) {
      const source = readFileSync(here(`${folder}/${name}`), "utf8");
      this.emitFile({ type: "asset", fileName: name, source });
    }
  },
});

/** Module of each product; the widget's format is that of anywidget, see `load-client.ts` for the other. */
const ENTRIES: Record<string, string> = {
  client: "client-script",
  "igor-script": "igor",
  "narvi-script": "narvi/script",
  "narvi-monitor": "narvi-monitor/main",
};
const MODULES = new Set(["widget", "igor", "narvi"]);
/** Where a product is not `<mode>.js`: a narvi app has the folder `narvi/` below its own address. */
const FILES: Record<string, string> = {
  narvi: "narvi/narvi.mjs",
  "narvi-script": "narvi/narvi.js",
  "narvi-monitor": "monitor.js",
};
/** Components that pages load when they use them: `ui-<name>` is of the folder `src/ui-chunks/<name>/`. */
const CHUNK = /^ui-/;
/** The client gives a chunk its own Vue, on the element of the script (`src/view/ui/chunks.ts`). */
const VUE = "document.currentScript.jupyterTrameVue";
/** Of products that are files of a Python package, which programs ask for by its name. */
const FOLDERS: Record<string, string> = { "narvi-monitor": "narvi/apps/monitor" };
const plugins: Record<string, Plugin[]> = {
  page: [pageFiles("page", ["index.html", "page.css"])],
  "narvi-monitor": [pageFiles("narvi-monitor", ["index.html", "monitor.css"])],
};

/** Source of a product, below `src/`. */
function entryOf(mode: string): string {
  return CHUNK.test(mode) ? `ui-chunks/${mode.replace(CHUNK, "")}/index` : (ENTRIES[mode] ?? mode);
}

/** Path of a product below its folder, without the extension. */
function productOf(mode: string): string {
  return mode.replace(CHUNK, "ui/");
}

/** The client and chunks hold libraries of others. */
function licenseFile(mode: string): { fileName: string } | false {
  if (mode === "client") return { fileName: "licenses.md" };
  return CHUNK.test(mode) && { fileName: `${productOf(mode)}.licenses.md` };
}

export default defineConfig(({ mode }) => ({
  resolve: CHUNK.test(mode) ? {} : { alias: { vue: "vue/dist/vue.esm-bundler.js" } },
  define: {
    __VERSION__: JSON.stringify(version),
    __VUE_OPTIONS_API__: "true",
    __VUE_PROD_DEVTOOLS__: "false",
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
    ...(mode === "test" ? {} : { "process.env.NODE_ENV": '"production"' }),
  },
  plugins: plugins[mode] ?? [],
  build: {
    outDir: here(`../jupyter_trame/${FOLDERS[mode] ?? "static"}`),
    emptyOutDir: false,
    copyPublicDir: false,
    cssCodeSplit: false,
    modulePreload: false,
    target: "es2022",
    license: licenseFile(mode),
    chunkSizeWarningLimit: 1000,
    rolldownOptions: {
      input: here(`src/${entryOf(mode)}.ts`),
      external: CHUNK.test(mode) ? ["vue"] : [],
      preserveEntrySignatures: "strict",
      output: {
        format: MODULES.has(mode) ? "es" : "iife",
        name: mode === "igor-script" ? "igor" : undefined,
        strict: true,
        globals: { vue: VUE },
        codeSplitting: false,
        entryFileNames: FILES[mode] ?? `${productOf(mode)}.js`,
        assetFileNames: `${mode}[extname]`,
      },
    },
  },
  test: {
    environment: "jsdom",
    include: ["test/**/*.test.ts"],
    testTimeout: 30_000,
    maxWorkers: "100%",
  },
}));
