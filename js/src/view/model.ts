import type { AnyModel } from "@anywidget/types";

/** Traits of the widget's model. */
export interface ViewTraits extends Record<string, unknown> {
  /** The model's own, by which its host finds it; a notebook that an older version saved has none. */
  own_id: string;
  /** Empty where the kernel does not belong to a jupyter server. */
  kernel_id: string;
  slug: string;
  title: string;
  /** Name of the layout to show. */
  template: string;
  /** `auto`, `shadow` or `frame`. */
  embed: string;
  /** Of the package in the kernel. */
  version: string;
  /** Whether messages may have buffers, as far as the kernel knows; an older one does not say. */
  buffers?: boolean;
  /** The last known state, for a saved notebook. */
  snapshot: { epoch?: string; seq?: number; state?: Record<string, unknown> };
}

export type ViewModel = AnyModel<ViewTraits>;
