import { describe, expect, it, vi } from "vitest";
import { BUSY_ERROR, ExtData, LINK_ERROR, RpcError } from "../../../src/protocol";
import { UploadCancelled, type UploadChannel, Uploads } from "../../../src/view/state/uploads";
import { mount, settled } from "../setup";

const BIG = 3 << 20;

function bytes(size: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: size }, (_, index) => index % 251);
}

/** A server that joins the pieces; `hold` keeps its answers back. */
function server({ takesPieces = true } = {}) {
  const received: number[] = [];
  const calls: [string, unknown[]][] = [];
  let answer: () => Promise<unknown> = async () => null;
  const channel: UploadChannel = {
    takesPieces: async () => takesPieces,
    call: (method, args) => {
      calls.push([method, args]);
      if (method === "jupyter_trame.upload.piece") {
        expect(args[1]).toBe(received.length);
        for (const byte of args[2] as Uint8Array) received.push(byte);
      }
      return answer();
    },
  };
  return {
    received,
    calls,
    uploads: new Uploads(channel),
    answerWith: (other: () => Promise<unknown>) => {
      answer = other;
    },
    methods: () => calls.map(([method]) => method.replace("jupyter_trame.upload.", "")),
  };
}

describe("files", () => {
  it("go with their message where they are small, or where the server knows nothing else", async () => {
    const small = server();
    const value = await small.uploads.read(new File(["abc"], "a.txt", { type: "text/plain" }));
    expect(value).toMatchObject({ name: "a.txt", size: 3, type: "text/plain", error: null });
    expect([...(value.content as Uint8Array)]).toEqual([97, 98, 99]);
    const stock = server({ takesPieces: false });
    const whole = await stock.uploads.read(new File([bytes(BIG)], "b"));
    expect((whole.content as Uint8Array).length).toBe(BIG);
    expect([...small.calls, ...stock.calls]).toEqual([]);
  });

  it("go ahead in pieces where they are large, and the value refers to them", async () => {
    const { uploads, received, calls } = server();
    const content = bytes(BIG);
    const value = await uploads.read(new File([content], "big.bin"));
    expect(calls[0]).toEqual(["jupyter_trame.upload.open", ["u1", BIG, "big.bin"]]);
    expect(Buffer.from(received).equals(Buffer.from(content))).toBe(true);
    expect(Math.max(...calls.map(([, args]) => (args[2] as Uint8Array)?.length ?? 0))).toBeLessThan(
      BIG / 2,
    );
    expect(value.content).toEqual(new ExtData(85, new TextEncoder().encode("u1")));
    expect(uploads.list).toEqual([]);
  });

  it("wait until the server has answered for the first time, and can be given up meanwhile", async () => {
    const { connection, view } = await mount(null);
    const [kept, cancelled] = ["kept", "cancelled"].map((name) =>
      view.trame.trigger("load", [new File([bytes(BIG)], name)]),
    );
    view.trame.uploads.find(({ name }) => name === "cancelled")?.cancel();
    await expect(cancelled).rejects.toThrow(UploadCancelled);
    expect(connection.calls).toEqual([]);
    connection.open({});
    await kept;
    const methods = connection.calls.map(({ method }) => method);
    expect(methods[0]).toBe("jupyter_trame.upload.open");
    expect(methods.at(-1)).toBe("trame.trigger");
    expect(view.trame.uploads).toEqual([]);
  });

  it("are listed while they are on their way", async () => {
    const { uploads, calls, answerWith } = server();
    const seen: number[] = [];
    answerWith(async () => seen.push(uploads.list[0]?.sent ?? -1));
    await uploads.read(new File([bytes(BIG)], "big.bin"));
    expect(seen).toHaveLength(calls.length);
    expect([...seen].sort((a, b) => a - b)).toEqual(seen);
    expect(seen.at(-1)).toBeGreaterThan(0);
  });

  it("can be given up, and the server is told", async () => {
    const { uploads, methods, answerWith } = server();
    answerWith(async () => {
      if (methods().length === 3) uploads.list[0]?.cancel();
    });
    await expect(uploads.read(new File([bytes(BIG)], "big.bin"))).rejects.toThrow(UploadCancelled);
    expect(methods()).toEqual(["open", "piece", "piece", "cancel"]);
    expect(uploads.list).toEqual([]);
  });

  it("are on their way several pieces at a time, up to a bound", async () => {
    let flying = 0;
    let most = 0;
    const uploads = new Uploads({
      takesPieces: async () => true,
      call: async (method, args) => {
        if (!method.endsWith("piece")) return;
        const { length } = args[2] as Uint8Array;
        flying += length;
        most = Math.max(most, flying);
        await new Promise((resolve) => setTimeout(resolve, 5));
        flying -= length;
      },
    });
    const file = new File([new Uint8Array(24 << 20)], "big.bin");
    await Promise.all([uploads.read(file), uploads.read(file)]);
    expect(most).toBeGreaterThan(1 << 20);
    expect(most).toBeLessThanOrEqual(4 << 20);
    expect(flying).toBe(0);
  });

  it("go on where the server had no room for a piece", async () => {
    const content = bytes(BIG);
    const received: number[] = [];
    let refusals = 0;
    const refuse = (code: number) => Promise.reject(new RpcError({ code, message: "refused" }));
    const uploads = new Uploads({
      takesPieces: async () => true,
      call: (method, args) => {
        if (!method.endsWith("piece")) return Promise.resolve();
        const [, offset, piece] = args as [string, number, Uint8Array];
        if (offset > 1 << 19 && refusals < 2 && offset === received.length) {
          refusals += 1;
          return refuse(BUSY_ERROR);
        }
        if (offset !== received.length) return refuse(-32008);
        for (const byte of piece) received.push(byte);
        return new Promise((resolve) => setTimeout(resolve, 1));
      },
    });
    await uploads.read(new File([content], "big.bin"));
    expect(refusals).toBe(2);
    expect(Buffer.from(received).equals(Buffer.from(content))).toBe(true);
  });

  it("end with the first error that is no lack of room", async () => {
    const { uploads, methods, answerWith } = server();
    answerWith(() =>
      methods().length < 4 ? Promise.resolve() : Promise.reject(new Error("the disk is full")),
    );
    await expect(uploads.read(new File([bytes(BIG)], "big.bin"))).rejects.toThrow("disk is full");
    expect(methods().at(-1)).toBe("cancel");
    expect(uploads.list).toEqual([]);
  });

  it("say which file was not uploaded when the session ended", async () => {
    const { uploads, answerWith } = server();
    answerWith(() =>
      Promise.reject(new RpcError({ code: LINK_ERROR, message: "lost; the call may have run" })),
    );
    const sending = uploads.read(new File([bytes(BIG)], "big.bin"));
    await expect(sending).rejects.toThrow("big.bin was not uploaded: the session ended");
  });

  it("are refused before a byte of them leaves", async () => {
    const { uploads, methods, answerWith } = server();
    answerWith(() => Promise.reject(new Error("over the limit of 1 MB")));
    await expect(uploads.read(new File([bytes(BIG)], "big.bin"))).rejects.toThrow("over the limit");
    expect(methods()).toEqual(["open", "cancel"]);
  });
});

const FORM = {
  trame__template_main: `<div>
    <button @click="doc = make()">send</button><b>{{ doc && doc.name }}</b>
    <i v-for="upload in trame.uploads">{{ upload.name }} {{ upload.sent }}</i>
  </div>`,
  doc: { name: "old" },
};

describe("a view with an upload", () => {
  async function start(refuse?: Error) {
    const mounted = await mount(FORM);
    const { connection, view } = mounted;
    let go: () => void = () => undefined;
    connection.answer = ({ method }) => {
      if (refuse && method.endsWith("open")) throw refuse;
      return method.endsWith("piece") ? new Promise<void>((resolve) => (go = resolve)) : null;
    };
    void view.trame.state.set("doc", new File([bytes(BIG)], "new"));
    await vi.waitFor(() => expect(connection.calls.length).toBeGreaterThan(refuse ? 0 : 1));
    await settled();
    return { ...mounted, go: () => go() };
  }

  it("shows it, and lets other things pass", async () => {
    const { root, find, view, connection } = await start();
    expect(find("b").textContent).toBe("new");
    expect(find("i").textContent).toBe("new 0");
    await vi.waitFor(() => expect(find(".jt-upload-bar").hidden).toBe(false));
    expect(find(".jt-upload").textContent).toContain("new");
    void view.trame.trigger("other");
    await view.trame.state.set("n", 1);
    expect(connection.writes).toEqual([{ n: 1 }]);
    expect(connection.calls.some(({ method }) => method === "trame.trigger")).toBe(true);
    view.dispose();
    expect(root.querySelector(".jt-upload")).toBeNull();
  });

  it("goes back to the old value when it is cancelled, without an error", async () => {
    const { root, find, go, connection } = await start();
    find(".jt-upload-cancel").click();
    go();
    await vi.waitFor(() => expect(find("b").textContent).toBe("old"));
    expect(connection.writes).toEqual([]);
    expect(root.querySelector(".jt-error")).toBeNull();
    expect(find(".jt-upload-bar").hidden).toBe(true);
  });

  it("goes back to what others wrote meanwhile", async () => {
    const { find, go, connection } = await start();
    connection.push({ doc: { name: "theirs" } });
    await settled();
    expect(find("b").textContent).toBe("new");
    find(".jt-upload-cancel").click();
    go();
    await vi.waitFor(() => expect(find("b").textContent).toBe("theirs"));
  });

  it("says why a file was refused", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const { find } = await start(new Error("new has 3 MB: a file may have up to 1 MB"));
    await vi.waitFor(() => expect(find(".jt-error").textContent).toContain("up to 1 MB"));
    expect(find("b").textContent).toBe("old");
  });

  it("rejects the trigger that was to get the file", async () => {
    const { connection, view } = await mount(FORM);
    let go: () => void = () => undefined;
    connection.answer = () => new Promise<void>((resolve) => (go = resolve));
    const call = view.trame.trigger("load", [new File([bytes(BIG)], "big")]);
    const rejected = expect(call).rejects.toThrow("cancelled");
    await vi.waitFor(() => expect(connection.calls).toHaveLength(1));
    view.trame.uploads[0]?.cancel();
    go();
    await rejected;
    expect(connection.calls.map(({ method }) => method)).not.toContain("trame.trigger");
  });
});
