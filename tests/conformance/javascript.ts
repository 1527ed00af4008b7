/** Reads documents as hex, a line each, as a page does; answers with what is lost, and the value packed again. */
import { createInterface } from "node:readline";
import { pack } from "../../js/src/protocol";
import { decode } from "../../js/src/protocol/decoder";

for await (const line of createInterface({ input: process.stdin })) {
  let answer: unknown;
  try {
    const { value, losses } = decode(Uint8Array.from(Buffer.from(line, "hex")));
    const packed = losses.length > 0 ? null : Buffer.from(pack(value)).toString("hex");
    answer = { losses, packed };
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
