// What JupyterLab loads of this extension: it asks for the rest, and for the parts of JupyterLab.
(() => {
  const NAME = "redis-course-return";
  const here = document.currentScript.src;
  let scope;

  async function shared(name) {
    const [version] = Object.values(scope[name]);
    return (await version.get())();
  }

  async function plugin() {
    const [{ IMainMenu }, widgets] = await Promise.all(["@jupyterlab/mainmenu", "@lumino/widgets"].map(shared));
    const activate = async (app, mainMenu) => {
      const course = await import(new URL("course.js", here));
      return course.activate(app, widgets, mainMenu);
    };
    return { id: `${NAME}:plugin`, autoStart: true, requires: [IMainMenu], activate };
  }

  window._JUPYTERLAB = window._JUPYTERLAB ?? {};
  window._JUPYTERLAB[NAME] = {
    init: (given) => {
      scope = given;
    },
    get: async () => {
      const made = await plugin();
      return () => made;
    },
  };
})();
