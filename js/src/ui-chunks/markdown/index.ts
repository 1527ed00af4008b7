import { leaveChunk } from "../leave";
import { JtMarkdown } from "./markdown";

leaveChunk({ components: { JtMarkdown } });
