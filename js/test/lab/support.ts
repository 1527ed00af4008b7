import type { AppInfo, ServerInfo } from "../../src/lab/models";

export function appInfo(values: Partial<AppInfo> & { name: string }): AppInfo {
  const texts = { icon: "", description: "", install: "", address: "" };
  return { title: values.name, ...texts, needsId: false, ...values };
}

export function serverInfo(values: Partial<ServerInfo> = {}): ServerInfo {
  const texts = { title: "T", name: "n", app: "", path: "", owner: "notebook" };
  return { kernelId: "k", slug: "s", ...texts, viewers: 0, started: null, ...values };
}
