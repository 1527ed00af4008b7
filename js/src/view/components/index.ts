import type { App, Component } from "vue";
import { ClientStateChange } from "./client-state-change";
import { ClientTriggers } from "./client-triggers";
import { DeepReactive } from "./deep-reactive";
import { Exec } from "./exec";
import { Getter } from "./getter";
import { Script, Style } from "./inline";
import { LifeCycleMonitor } from "./life-cycle-monitor";
import { Loading } from "./loading";
import { SizeObserver } from "./size-observer";
import { Template } from "./template";

const COMPONENTS: Record<string, Component> = {
  TrameClientStateChange: ClientStateChange,
  TrameClientTriggers: ClientTriggers,
  TrameDeepReactive: DeepReactive,
  TrameExec: Exec,
  TrameGetter: Getter,
  TrameLifeCycleMonitor: LifeCycleMonitor,
  TrameLoading: Loading,
  TrameScript: Script,
  TrameSizeObserver: SizeObserver,
  TrameStyle: Style,
  TrameTemplate: Template,
};

/** Registers the components that templates of trame's Python layouts use. */
export function installComponents(app: App): void {
  for (const [name, component] of Object.entries(COMPONENTS)) app.component(name, component);
}
