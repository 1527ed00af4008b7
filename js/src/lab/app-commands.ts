import type { CommandRegistry } from "@lumino/commands";
import type { AppActions } from "./app-actions";
import { type CommandServices, pickServer } from "./commands";
import { readRequest } from "./requests";
import { Command } from "./tokens";

/** Arguments: `kernelId`, `slug` and `title` of the app; `item` for that of the context menu; none lets the user pick. */
export function addAppCommands(
  commands: CommandRegistry,
  services: Pick<CommandServices, "api" | "itemServer">,
  actions: AppActions,
): void {
  commands.addCommand(Command.stop, {
    label: (args) => (args.item ? "Stop" : "Stop trame App…"),
    caption: "End a trame app; its kernel ends with it, unless that is a notebook's",
    execute: async (args) => {
      const picked = readRequest(args)?.target;
      const server = picked ?? (await pickServer(services, args, "Stop a trame app"));
      if (server) await actions.stop(server);
    },
  });
  commands.addCommand(Command.restart, {
    label: (args) => (args.item ? "Restart" : "Restart trame App…"),
    caption: "Start a trame app again, at the same address",
    execute: async (args) => {
      const picked = readRequest(args)?.target;
      const server = picked ?? (await pickServer(services, args, "Restart a trame app"));
      if (server) await actions.restart(server);
    },
  });
}
