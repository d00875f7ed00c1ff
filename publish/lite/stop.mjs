// The kernel of a browser takes no interrupts: its Stop button is told to the worker that runs it.
const CHANNEL = "redis-course-stop"; // helpers/kernel/stop_button.py listens
const { commands, shell } = await app();
const channel = new BroadcastChannel(CHANNEL);

commands.commandExecuted.connect((_, { id }) => {
  if (!id.endsWith(":interrupt-kernel") && id !== "kernelmenu:interrupt") return;
  // Other kernels of this site, in this page or another, hear it as well: it names the client.
  const client = shell.currentWidget?.sessionContext?.session?.kernel?.clientId;
  if (client) channel.postMessage(client);
});
