import type { App, Component } from "vue";
import { ClientStateChange } from "./client-state-change";
import { ClientTriggers } from "./client-triggers";
import { DeepReactive } from "./deep-reactive";
import { Exec } from "./exec";
import { Getter } from "./getter";
import { Handler } from "./handler";
import { Script, Style } from "./inline";
import { LifeCycleMonitor } from "./life-cycle-monitor";
import { Loading } from "./loading";
import { MouseTrap } from "./mouse-trap";
import { Template } from "./named-template";
import { Reconnect } from "./reconnect";
import { SizeObserver } from "./size-observer";
import { TrameApp } from "./trame-app";

const COMPONENTS: Record<string, Component> = {
  TrameApp,
  TrameClientStateChange: ClientStateChange,
  TrameClientTriggers: ClientTriggers,
  TrameDeepReactive: DeepReactive,
  TrameExec: Exec,
  TrameGetter: Getter,
  TrameHandler: Handler,
  TrameLifeCycleMonitor: LifeCycleMonitor,
  TrameLoading: Loading,
  TrameMouseTrap: MouseTrap,
  TrameReconnect: Reconnect,
  TrameScript: Script,
  TrameSizeObserver: SizeObserver,
  TrameStyle: Style,
  TrameTemplate: Template,
};

/** Registers the components that templates of trame's Python layouts use. */
export function installComponents(app: App): void {
  for (const [name, component] of Object.entries(COMPONENTS)) app.component(name, component);
}
