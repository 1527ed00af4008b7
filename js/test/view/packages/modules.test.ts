import { beforeEach, expect, it, vi } from "vitest";
import type { Fetcher } from "../../../src/view/packages/fetcher";
import { GuardedModules } from "../../../src/view/packages/modules";

const BASE = "https://hub.example/me/trame/k/app/";
const made: string[] = [];
const asked: string[] = [];
let files: Record<string, string>;

const fetcher: Fetcher = {
  address: (path) => new URL(path, BASE).href,
  async fetch(path) {
    const name = path.slice(BASE.length);
    asked.push(name);
    const text = files[name];
    if (text === undefined) throw new Error(`${name}: 404`);
    return { bytes: new TextEncoder().encode(text), type: "text/javascript" };
  },
};

beforeEach(() => {
  made.length = asked.length = 0;
  vi.stubGlobal(
    "Blob",
    class {
      constructor([text]: string[]) {
        made.push(text ?? "");
      }
    },
  );
  URL.createObjectURL = vi.fn(() => `blob:${made.length}`);
  URL.revokeObjectURL = vi.fn();
});

it("gives a module and what it imports addresses of the page, each once", async () => {
  files = {
    "p/a.js":
      'import{b}from"./b.js";import "./c.js";import x from "vue";export const u=import.meta.url;',
    "p/b.js": 'export * from "./c.js";',
    "p/c.js": "export const c = () => import('./late.js');",
    "p/late.js": "",
  };
  const modules = new GuardedModules(fetcher);
  expect(await modules.address("p/a.js")).toBe("blob:4");
  expect(asked).toEqual(["p/a.js", "p/b.js", "p/c.js", "p/late.js"]);
  expect(made.slice(1)).toEqual([
    "export const c = () => import('blob:1');",
    'export * from "blob:2";',
    `import{b}from"blob:3";import "blob:2";import x from "vue";export const u="${BASE}p/a.js";`,
  ]);
  modules.dispose();
  await vi.waitFor(() => expect(URL.revokeObjectURL).toHaveBeenCalledTimes(4));
});

it("leaves circles, and what is not there, to the browser", async () => {
  files = { "a.js": 'import "./b.js";', "b.js": 'import "./a.js"; // from "./comment.js"' };
  const modules = new GuardedModules(fetcher);
  await Promise.all([modules.address("a.js"), modules.address("b.js")]);
  expect(made).toContain(`import "${BASE}a.js"; // from "${BASE}comment.js"`);
  await expect(modules.address("gone.js")).rejects.toThrow("gone.js: 404");
});
