// JupyterLab on this page, once it is there; it does not tell when.
function app() {
  const LOOK = 50; // milliseconds
  return new Promise((found) => {
    const timer = setInterval(() => {
      if (!window.jupyterapp) return;
      clearInterval(timer);
      found(window.jupyterapp);
    }, LOOK);
  });
}
