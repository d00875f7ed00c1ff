// What is saved of a widget is a picture of it, not the widget.
//
// A saved widget is a name; what belongs to it is kept elsewhere, and JupyterLab does not always
// find it the next day: it saves nothing of a widget whose kernel was restarted, or that has not
// been loaded yet. Here a notebook is saved with the page's own HTML of each widget, with nothing
// to press, and without any widget. The open page keeps its widgets.
(() => {
  const NAME = "redis-course-pictures";
  const VIEW = "application/vnd.jupyter.widget-view+json";
  const ASLEEP = "jupyter-widgets-disconnected"; // how ipywidgets calls what has no kernel
  const UNSAVED = "[data-course-unsaved]"; // what a widget shows to one person: names of learners
  const PARTS = "button, fieldset, input, select, textarea";

  // What somebody typed or chose is not in the HTML by itself.
  function write(part, { checked, disabled, value }) {
    if (part.type === "radio" || part.type === "checkbox") part.toggleAttribute("checked", checked);
    else if (part.localName === "input") part.setAttribute("value", value);
    part.toggleAttribute("disabled", true);
  }

  // The styles that came with a widget are gone with it.
  function styles(root) {
    const names = [root, ...root.querySelectorAll("[class]")].flatMap((each) => [...each.classList]);
    const own = new Set(names.filter((name) => name.startsWith("course-")).map((name) => `.${name}`));
    return [...document.head.querySelectorAll("style")]
      .map((style) => style.textContent)
      .filter((text) => [...own].some((name) => text.includes(name)));
  }

  // The lines of a lab lie over it, drawn to the width that it had on the page.
  function keepWidth(root, copy) {
    const lines = root.querySelector(".course-lines");
    if (lines?.checkVisibility()) copy.style.width = `${root.getBoundingClientRect().width}px`;
  }

  function picture(root) {
    const copy = root.cloneNode(true);
    keepWidth(root, copy);
    const shown = root.querySelectorAll(PARTS);
    copy.querySelectorAll(PARTS).forEach((part, place) => write(part, shown[place]));
    copy.querySelectorAll(UNSAVED).forEach((part) => part.replaceChildren());
    for (const each of [copy, ...copy.querySelectorAll(".jupyter-widgets")]) each.classList.add(ASLEEP);
    const css = [...new Set(styles(root))].map((text) => `<style>${text}</style>`);
    return css.join("") + copy.outerHTML;
  }

  // A widget that is not on the page, or not there yet, leaves the text and the drawing beside it.
  function still(output, place) {
    if (!output.data?.[VIEW]) return output;
    const { [VIEW]: _, ...data } = output.data;
    const root = place?.querySelector(".jp-OutputArea-output")?.firstElementChild;
    if (root) data["text/html"] = picture(root);
    return { ...output, data };
  }

  function cellWithPictures(cell, shown) {
    if (!cell.outputs?.some((output) => output.data?.[VIEW])) return cell;
    const places = shown?.outputArea?.node.querySelectorAll(":scope > .jp-OutputArea-child") ?? [];
    return { ...cell, outputs: cell.outputs.map((each, at) => still(each, places[at])) };
  }

  function withPictures(content, panel) {
    const shown = new Map(panel.content.widgets.map((cell) => [cell.model.id, cell]));
    const { widgets, ...metadata } = content.metadata;
    const cells = content.cells.map((cell) => cellWithPictures(cell, shown.get(cell.id)));
    return { ...content, metadata, cells };
  }

  // Nothing that a learner wrote may be lost for the sake of a picture.
  function withPicturesOrAsItIs(content, panel) {
    try {
      return withPictures(content, panel);
    } catch (fault) {
      console.warn("Saved without pictures of its widgets:", fault);
      return content;
    }
  }

  function activate({ serviceManager, shell }) {
    const { contents } = serviceManager;
    const save = contents.save.bind(contents);
    contents.save = (path, options) => {
      const panel = [...shell.widgets("main")].find(
        (each) => each.context?.path === path && each.content?.widgets,
      );
      if (!panel || options?.type !== "notebook") return save(path, options);
      return save(path, { ...options, content: withPicturesOrAsItIs(options.content, panel) });
    };
  }

  const plugin = { id: `${NAME}:plugin`, autoStart: true, activate };
  window._JUPYTERLAB = window._JUPYTERLAB ?? {};
  window._JUPYTERLAB[NAME] = { init: () => {}, get: async () => () => plugin };
})();
