import { leaveChunk } from "../leave";
import { Table } from "./table";
import css from "./table.css?inline";

leaveChunk({ components: { JtTable: Table }, css });
