import { leaveChunk } from "../leave";
import { JtChart } from "./chart";
import css from "./chart.css?inline";

leaveChunk({ components: { JtChart }, css });
