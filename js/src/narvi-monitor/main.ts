/** The script of the monitor's page; the client is there already, as in the page of any app. */
import type { start_narvi as Start } from "../narvi";
import { Monitor } from "./monitor";
import { followTheme } from "./theme";

declare const start_narvi: typeof Start;

followTheme(document.documentElement);
start_narvi(Monitor);
