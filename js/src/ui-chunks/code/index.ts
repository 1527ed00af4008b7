import { leaveChunk } from "../leave";
import { JtCode, JtJson } from "./code";
import css from "./code.css?inline";

leaveChunk({ components: { JtCode, JtJson }, css });
