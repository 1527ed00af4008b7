/** `client.ts` as the script that `load-client.ts` loads. */
import * as client from "./client";
import { CLIENT, type ClientScript } from "./load-client";

const script = document.currentScript as ClientScript | null;
if (script) script[CLIENT] = client;
