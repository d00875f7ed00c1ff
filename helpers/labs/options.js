// One of several words. The buttons stay while another is chosen: none loses the focus.

function render({ model, el }) {
  const name = model.get("description");
  const group = document.createElement("div");
  group.className = "course-options";
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", name);
  group.append(Object.assign(document.createElement("span"), { textContent: name }));
  const buttons = model.get("options").map((option) => {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", textContent: option });
    button.className = "jupyter-button widget-button";
    button.addEventListener("click", () => {
      model.set("value", option);
      model.save_changes();
    });
    return button;
  });
  group.append(...buttons);
  el.append(group);

  function draw() {
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(button.textContent === model.get("value")));
    }
  }

  model.on("change:value", draw);
  draw();
  return () => model.off("change:value", draw);
}

export default { render };
