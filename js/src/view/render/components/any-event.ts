import { callWithAsyncErrorHandling, ErrorCodes, getCurrentInstance, type SetupContext } from "vue";

type Emit = (topic: string, event?: unknown) => void;

/**
 * In a setup: calls the listeners of a topic that no component can declare, since the app's author names it. They arrive as
 * attributes: the component needs `inheritAttrs: false`. Their errors, and the rejections of what they return, are those
 * of any listener.
 */
export function useAnyEvent(attrs: SetupContext["attrs"]): Emit {
  const instance = getCurrentInstance();
  return (topic, event) => {
    const name = `on${topic.charAt(0).toUpperCase()}${topic.slice(1)}`;
    for (const listener of [attrs[name] ?? attrs[camel(name)]].flat()) {
      if (typeof listener !== "function") continue;
      const call = listener as (event: unknown) => unknown;
      callWithAsyncErrorHandling(call, instance, ErrorCodes.COMPONENT_EVENT_HANDLER, [event]);
    }
  };
}

function camel(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
