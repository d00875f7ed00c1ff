// Terminals on a page. A key and the line go to Python, which may answer with another line.

const BUTTONS = {
  ArrowUp: "↑ Earlier line",
  ArrowDown: "↓ Later line",
  Tab: "Tab: complete",
  "Ctrl-C": "Ctrl-C",
};
const ENDED = "The kernel of this terminal has ended: run its cell to begin again.";

function add(parent, tag, className, text = "", more = {}) {
  const made = Object.assign(document.createElement(tag), { className, textContent: text });
  for (const [name, value] of Object.entries(more)) made.setAttribute(name, value);
  parent.append(made);
  return made;
}

function addButton(parent, text, action) {
  const button = add(parent, "button", "jupyter-button widget-button", text, { type: "button" });
  button.addEventListener("click", action);
  return button;
}

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

function isText(event) {
  return event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
}

// Lines are added one by one: a screen reader says what is new, and not all of it again.
function write(lines, { screen, shown }, before) {
  const fresh = Math.min(shown - before, screen.length);
  for (const text of screen.slice(screen.length - fresh)) add(lines, "span", "", `${text}\n`);
  while (lines.childElementCount > screen.length) lines.firstElementChild.remove();
}

function terminal(parent, name, send) {
  const root = add(parent, "section", "terminal", "", { "aria-label": name });
  add(root, "b", "name", name);
  const frame = add(root, "div", "frame");
  const said = { role: "log", "aria-live": "polite", "aria-label": `Terminal of ${name}` };
  const screen = add(frame, "div", "screen", "", { ...said, tabindex: "0" });
  const lines = add(screen, "div", "lines");
  const newest = addButton(frame, "Newest ↓", () => (toNewest(), line.focus()));
  const label = add(frame, "label", "prompt");
  const prompt = add(label, "span", "");
  const asTyped = { autocomplete: "off", autocapitalize: "off", spellcheck: "false" };
  const line = add(label, "input", "", "", { type: "text", ...asTyped });
  add(frame, "p", "ended", ENDED);
  const keys = add(root, "div", "keys");
  let edits = 0; // an answer to an older line comes too late
  let shown = 0;

  newest.classList.add("newest");
  newest.hidden = true;

  // What is laid out from below also scrolls from below: its newest line is at 0.
  function toNewest() {
    screen.scrollTop = 0;
  }

  function press(key) {
    const typed = line.value;
    toNewest();
    if (["Enter", "Escape"].includes(key)) {
      edits += 1;
      line.value = "";
    }
    if (key !== "Escape") send({ key, line: typed, edits });
  }

  function keydown(event) {
    if (event.target.tagName === "BUTTON") return;
    if (["PageUp", "PageDown"].includes(event.key)) {
      event.preventDefault();
      screen.scrollBy(0, (event.key === "PageUp" ? -0.9 : 0.9) * screen.clientHeight);
    } else if (event.target === screen) {
      if (isText(event)) line.focus(); // and there the letter arrives
    } else if (keyOf(event, line)) {
      event.preventDefault();
      press(keyOf(event, line));
    }
  }

  function paste(event) {
    const pasted = event.clipboardData.getData("text").split(/\r?\n/);
    if (pasted.length < 2 && event.target === line) return;
    event.preventDefault();
    line.focus();
    pasted.forEach((text, number) => {
      if (number > 0) press("Enter");
      line.setRangeText(text, line.selectionStart, line.selectionEnd, "end");
      edits += 1;
    });
  }

  function click(event) {
    const isTaken = event.target.closest("button") || String(getSelection());
    if (!isTaken) line.focus({ preventScroll: true });
  }

  function show(state) {
    write(lines, state, shown);
    shown = state.shown;
    prompt.textContent = state.prompt;
    line.setAttribute("aria-label", `${name}: ${state.prompt}`);
  }

  function answer(answered) {
    if (answered.edits !== edits) return;
    line.value = answered.line;
    line.setSelectionRange(line.value.length, line.value.length);
  }

  line.addEventListener("input", () => (edits += 1));
  screen.addEventListener("scroll", () => (newest.hidden = screen.scrollTop > -8));
  root.addEventListener("keydown", keydown);
  root.addEventListener("paste", paste);
  root.addEventListener("click", click);
  for (const [key, text] of Object.entries(BUTTONS)) addButton(keys, text, () => press(key));
  return { show, answer };
}

function render({ model, el }) {
  el.classList.add("course-terminals");
  el.tabIndex = -1; // what is beside the terminals has the keys, too, after a click
  // JupyterLab leaves them to what has this mark itself: its shortcuts ask for the focus.
  el.addEventListener("focusin", ({ target }) => (target.dataset.lmSuppressShortcuts = "true"));
  el.addEventListener("keydown", (event) => event.stopPropagation());
  add(el, "p", "told", model.get("told"));
  const row = add(el, "div", "row");
  const buttons = add(el, "div", "keys");
  const problem = add(el, "p", "problem", "", { role: "alert" });
  const terminals = [];
  addButton(buttons, "One more terminal", () => model.send({ button: "more" }));
  addButton(buttons, "Disconnect all", () => model.send({ button: "close" }));

  function draw() {
    model.get("terminals").forEach((state, number) => {
      const send = (pressed) => model.send({ terminal: number, ...pressed });
      terminals[number] ??= terminal(row, state.name, send);
      terminals[number].show(state);
    });
    problem.textContent = model.get("problem");
  }

  // Restarted below an open page: anywidget drops the listener with which ipywidgets says so.
  const ended = () => el.classList.add("jupyter-widgets-disconnected");
  const answered = (answer) => terminals[answer.terminal].answer(answer);
  model.on("msg:custom", answered);
  model.on("change:terminals", draw);
  model.on("change:problem", draw);
  model.on("comm_live_update", ended);
  draw();
  return () => {
    model.off("msg:custom", answered);
    model.off("change:terminals", draw);
    model.off("change:problem", draw);
    model.off("comm_live_update", ended);
  };
}

export default { render };
