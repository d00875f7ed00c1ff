// On a narrow screen JupyterLab opens with the text alone: its panels are one menu away (View).
const NARROW = 700; // pixels

if (innerWidth < NARROW) {
  const { commands, restored, shell } = await app();
  await restored;
  const collapse = () => {
    shell.collapseLeft();
    shell.collapseRight();
  };
  // JupyterLab shows the folder around each file that it opens. A reader who asks for the folder
  // does it by another command.
  commands.commandExecuted.connect(async (_, { id, result }) => {
    if (id !== "filebrowser:activate") return;
    await result;
    collapse();
  });
  collapse();
  for (const side of ["left", "right"]) {
    if (shell.isSideTabBarVisible(side)) {
      await commands.execute("application:toggle-side-tabbar", { side });
    }
  }
}
