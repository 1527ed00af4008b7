import type { Contents } from "@jupyterlab/services";
import type { TemplateFile } from "./models";

type Files = Pick<Contents.IManager, "newUntitled" | "save" | "delete" | "rename">;

/** Writes the files into a new folder in `folder`, of this name if that is free; gives the path of the first file. */
export async function createFolder(
  contents: Files,
  folder: string,
  name: string,
  files: readonly TemplateFile[],
): Promise<string> {
  const untitled = await contents.newUntitled({ path: folder, type: "directory" });
  const wanted = folder ? `${folder}/${name}` : name;
  const { path } = await contents.rename(untitled.path, wanted).catch(() => untitled);
  await undoneIfItFails(contents, path, async () => {
    for (const inner of foldersOf(files))
      await contents.save(`${path}/${inner}`, { type: "directory" });
    for (const file of files) await contents.save(`${path}/${file.path}`, model(file));
  });
  return `${path}/${files[0]?.path}`;
}

/** Writes the file into `folder`, under a name that is free; gives its path. */
export async function createFile(
  contents: Files,
  folder: string,
  file: TemplateFile,
): Promise<string> {
  const isNotebook = file.path.endsWith(".ipynb");
  const options: Contents.ICreateOptions = isNotebook
    ? { path: folder, type: "notebook" }
    : { path: folder, type: "file", ext: file.path.replace(/^[^.]*/, "") };
  const { path } = await contents.newUntitled(options);
  await undoneIfItFails(contents, path, () => contents.save(path, model(file)));
  return path;
}

async function undoneIfItFails(
  contents: Files,
  path: string,
  write: () => Promise<unknown>,
): Promise<void> {
  try {
    await write();
  } catch (error) {
    await contents.delete(path).catch(() => undefined); // what went wrong first is what counts
    throw error;
  }
}

/** Folders of the files, each before what lies in it. */
function foldersOf(files: readonly TemplateFile[]): Set<string> {
  const folders = new Set<string>();
  for (const { path } of files) {
    const parts = path.split("/").slice(0, -1);
    parts.forEach((_, depth) => void folders.add(parts.slice(0, depth + 1).join("/")));
  }
  return folders;
}

function model({ path, text }: TemplateFile): Partial<Contents.IModel> {
  if (!path.endsWith(".ipynb")) return { type: "file", format: "text", content: text };
  return { type: "notebook", format: "json", content: JSON.parse(text) };
}
