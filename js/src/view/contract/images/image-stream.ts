import type { RemoteSession, Subscription } from "../remote-session";
import type { ImageMessage } from "./frames";
import { createImageProtocol } from "./protocol";
import { createViewStream, type ViewStream } from "./view-stream";

const TOPIC = "viewport.image.push.subscription";

export type ImageStream = ReturnType<typeof createImageStream>;

/** Pictures that the server renders, for as many of its views as are asked for. */
export function createImageStream(initial: RemoteSession, report: (error: unknown) => void) {
  const streams = new Set<ViewStream>();
  let subscription: Subscription | null = null;
  const deliver = ([message]: [unknown]) => {
    for (const viewStream of streams) viewStream.processMessage(message as ImageMessage);
  };
  const stream = {
    protocol: createImageProtocol(initial),
    connect(session: RemoteSession): void {
      stream.disconnect();
      stream.protocol = createImageProtocol(session);
      subscription = session.subscribe(TOPIC, deliver);
    },
    disconnect(): void {
      subscription?.unsubscribe().catch(() => undefined);
      subscription = null;
    },
    registerViewStream: (viewStream: ViewStream): void => void streams.add(viewStream),
    unregisterViewStream: (viewStream: ViewStream): void => void streams.delete(viewStream),
    setServerAnimationFPS: (fps?: number) => stream.protocol.setServerAnimationFPS(fps),
    getServerAnimationFPS: () => stream.protocol.getServerAnimationFPS(),
    createViewStream(
      viewId: string | number = "-1",
      size: [number, number] = [400, 400],
    ): ViewStream {
      const viewStream = createViewStream(stream);
      stream.registerViewStream(viewStream);
      Promise.all([viewStream.setViewId(viewId), viewStream.setSize(...size)]).catch(report);
      return viewStream;
    },
    /** Asks for all views again, after the server forgot its clients. */
    restore(): void {
      for (const viewStream of streams) viewStream.restore().catch(report);
    },
    delete(): void {
      for (const viewStream of [...streams]) viewStream.delete();
      stream.disconnect();
    },
  };
  stream.connect(initial);
  return stream;
}
