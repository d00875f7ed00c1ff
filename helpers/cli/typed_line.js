// The line under a terminal. A key and the line go to Python, which may answer with another line.

const BUTTONS = {
  ArrowUp: "↑ Earlier line",
  ArrowDown: "↓ Later line",
  Tab: "Tab: complete",
  "Ctrl-C": "Ctrl-C",
};

// Tab on an empty line, and with Shift, leaves the field as everywhere: Escape empties the line.
function keyOf(event, line) {
  if (event.isComposing) return "";
  if (event.ctrlKey) return event.key === "c" && !selected(line) ? "Ctrl-C" : "";
  if (event.shiftKey || event.altKey || event.metaKey) return "";
  if (event.key === "Tab") return line.value ? "Tab" : "";
  return ["Enter", "Escape", "ArrowUp", "ArrowDown"].includes(event.key) ? event.key : "";
}

function selected(line) {
  return line.selectionStart !== line.selectionEnd;
}

function render({ model, el }) {
  let edits = 0; // an answer to an older line comes too late
  const label = document.createElement("label");
  const prompt = document.createElement("span");
  const line = document.createElement("input");
  const buttons = document.createElement("div");
  Object.assign(line, { type: "text", autocomplete: "off", spellcheck: false });
  line.autocapitalize = "off";
  line.className = "widget-input";
  line.style.cssText = "flex:1;min-width:8em;font-family:monospace";
  label.style.cssText = "display:flex;gap:1ch;align-items:center;font-family:monospace";
  buttons.style.cssText = "display:flex;flex-wrap:wrap";
  el.dataset.lmSuppressShortcuts = "true"; // JupyterLab leaves the keys to the field

  function write(text) {
    edits += 1;
    line.value = text;
  }

  function press(key) {
    const typed = line.value;
    if (["Enter", "Escape"].includes(key)) write("");
    if (key !== "Escape") model.send({ key, line: typed, edits });
  }

  function paste(event) {
    const lines = event.clipboardData.getData("text").split(/\r?\n/);
    if (lines.length < 2) return;
    event.preventDefault();
    lines.forEach((text, number) => {
      if (number > 0) press("Enter");
      line.setRangeText(text, line.selectionStart, line.selectionEnd, "end");
      edits += 1;
    });
  }

  function answered(answer) {
    if (answer.edits !== edits) return;
    line.value = answer.line;
    line.setSelectionRange(answer.line.length, answer.line.length);
  }

  function named() {
    prompt.textContent = model.get("prompt");
    line.setAttribute("aria-label", `${model.get("name")}: ${model.get("prompt")}`);
  }

  line.addEventListener("input", () => (edits += 1));
  line.addEventListener("paste", paste);
  line.addEventListener("keydown", (event) => {
    const key = keyOf(event, line);
    if (!key) return;
    event.preventDefault();
    event.stopPropagation();
    press(key);
  });
  for (const [key, text] of Object.entries(BUTTONS)) {
    const button = document.createElement("button");
    button.className = "jupyter-button widget-button";
    button.style.width = "auto";
    button.textContent = text;
    button.addEventListener("click", () => press(key));
    buttons.append(button);
  }
  model.on("msg:custom", answered);
  model.on("change:prompt", named);
  named();
  label.append(prompt, line);
  el.append(label, buttons);
  return () => {
    model.off("msg:custom", answered);
    model.off("change:prompt", named);
  };
}

export default { render };
