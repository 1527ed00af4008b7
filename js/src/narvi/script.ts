/** `narvi.ts` as a classic script. */
import { start_narvi } from "../narvi";

Object.assign(globalThis, { start_narvi });
