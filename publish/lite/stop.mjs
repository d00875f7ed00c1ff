// The kernel of a browser takes no interrupts: its Stop button is told to the worker that runs it.
const CHANNEL = "redis-course-stop"; // helpers/kernel/stop_button.py listens

async function stopButton() {
  while (!window.jupyterapp) await new Promise((later) => setTimeout(later, 50));
  const channel = new BroadcastChannel(CHANNEL);
  const { commands, shell } = window.jupyterapp;
  commands.commandExecuted.connect((_, { id }) => {
    if (!id.endsWith(":interrupt-kernel") && id !== "kernelmenu:interrupt") return;
    // Other kernels of this site, in this page or another, hear it as well: it names the client.
    const client = shell.currentWidget?.sessionContext?.session?.kernel?.clientId;
    if (client) channel.postMessage(client);
  });
}

stopButton();
