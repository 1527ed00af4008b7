import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const { version } = JSON.parse(readFileSync(here("package.json"), "utf8")) as { version: string };

/** The page loads the bundle that the widget and the lab load too, so Vue is shipped once. */
const sharedClient: Plugin = {
  name: "shared-client",
  enforce: "pre",
  resolveId: (source) => (source === "./client.js" ? { id: "./client.js", external: true } : null),
};

const pageHtml: Plugin = {
  name: "page-html",
  buildStart() {
    this.addWatchFile(here("page/index.html"));
  },
  generateBundle() {
    const source = readFileSync(here("page/index.html"), "utf8");
    this.emitFile({ type: "asset", fileName: "index.html", source });
  },
};

const plugins: Record<string, Plugin[]> = { page: [sharedClient, pageHtml] };

export default defineConfig(({ mode }) => ({
  resolve: { alias: { vue: "vue/dist/vue.esm-bundler.js" } },
  define: {
    __VERSION__: JSON.stringify(version),
    __VUE_OPTIONS_API__: "true",
    __VUE_PROD_DEVTOOLS__: "false",
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
    ...(mode === "test" ? {} : { "process.env.NODE_ENV": '"production"' }),
  },
  plugins: plugins[mode] ?? [],
  build: {
    outDir: here("../jupyter_trame/static"),
    emptyOutDir: false,
    copyPublicDir: false,
    cssCodeSplit: false,
    modulePreload: false,
    target: "es2022",
    license: mode === "client" && { fileName: "licenses.md" },
    rolldownOptions: {
      input: here(`src/${mode}.ts`),
      preserveEntrySignatures: "strict",
      output: {
        format: "es",
        codeSplitting: false,
        entryFileNames: `${mode}.js`,
        assetFileNames: `${mode}[extname]`,
      },
    },
  },
  test: { environment: "jsdom", include: ["test/**/*.test.ts"] },
}));
