import { leaveChunk } from "../leave";
import { JtMarkup } from "./markup";

leaveChunk({ components: { JtMarkup } });
