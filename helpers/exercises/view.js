// Questions on a page: a fieldset each, with native radio buttons. A choice goes to Python, which
// answers by the state of the model; that state is also what is saved, so it is all that is shown.

const SECONDS_TO_ANSWER = 1;
const MARKS = { true: "✓", false: "✗" };
const ASLEEP = "jupyter-widgets-disconnected"; // the class that a view has without a kernel

function made(name, className = "", text = "") {
  const element = document.createElement(name);
  element.className = className;
  write(element, text);
  return element;
}

// What stands between backticks is code.
function write(element, text) {
  const parts = text.split("`").map((part, place) => {
    if (place % 2 === 0) return part;
    const code = document.createElement("code");
    code.textContent = part;
    return code;
  });
  element.replaceChildren(...parts);
}

function option(name, place, text) {
  const label = made("label", "course-option");
  const input = made("input");
  const mark = made("span", "course-mark");
  Object.assign(input, { type: "radio", name, value: String(place) });
  label.append(input, made("span", "course-text", text), mark);
  return { label, input, mark };
}

function question(model, { number, text, options }) {
  const words = model.get("words");
  const form = made("form", "course-question");
  const fieldset = made("fieldset");
  const legend = made("legend", "", `${number}  ${text}`);
  const name = `course-${number}-${Math.random().toString(36).slice(2)}`;
  const rows = options.map((each, place) => option(name, place, each));
  const said = made("p", "course-said");
  const buttons = made("div", "course-buttons");
  const answer = made("button", "jupyter-button course-button", words.answer);
  const again = made("button", "jupyter-button course-button", words.again);
  const how = made("span", "course-how", words.how);
  let isByPointer = false; // the arrow keys also choose, and must not answer
  let timer;

  said.setAttribute("role", "status");
  answer.type = "submit";
  again.type = "button";
  buttons.append(answer, again, how);
  fieldset.append(legend, ...rows.map((row) => row.label));
  form.append(fieldset, said, buttons);

  const answered = () => model.get("answers")[number];
  const chosen = () => rows.findIndex((row) => row.input.checked);
  const isWaiting = () => chosen() >= 0 && chosen() !== answered()?.choice;

  function send(choice) {
    clearTimeout(timer);
    timer = setTimeout(() => write(said, words.busy), SECONDS_TO_ANSWER * 1000);
    model.send({ number, choice });
  }

  function drawButtons() {
    const isAsleep = form.closest(`.${ASLEEP}`) !== null;
    fieldset.disabled = isAsleep;
    answer.hidden = isAsleep || !isWaiting();
    again.hidden = isAsleep || !answered() || isWaiting();
    how.hidden = isAsleep || !again.hidden;
  }

  function draw() {
    clearTimeout(timer);
    const told = answered();
    rows.forEach((row, place) => {
      const isChosen = told?.choice === place;
      row.input.checked = isChosen;
      row.label.dataset.verdict = isChosen ? (told.isRight ? "right" : "wrong") : "";
      row.mark.textContent = isChosen ? MARKS[told.isRight] : "";
      row.mark.setAttribute("aria-hidden", "true");
    });
    said.dataset.verdict = told ? (told.isRight ? "right" : "wrong") : "";
    said.replaceChildren();
    if (told) {
      const mark = made("span", "course-mark", MARKS[told.isRight]);
      mark.setAttribute("aria-hidden", "true");
      const why = made("span", "", ` ${told.why}`);
      said.append(made("span", "", told.before ? `${told.before} ` : ""), mark);
      said.append(" ", made("strong", "", told.verdict), why);
    }
    drawButtons();
  }

  fieldset.addEventListener("pointerdown", () => (isByPointer = true));
  fieldset.addEventListener("click", (event) => {
    if (event.target.type !== "radio") return;
    drawButtons();
    if (isByPointer && isWaiting()) send(chosen());
  });
  fieldset.addEventListener("keydown", (event) => {
    isByPointer = false;
    const isAnswer = event.key === " " || event.key === "Enter";
    if (!isAnswer || event.target.type !== "radio" || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    event.target.checked = true;
    if (isWaiting()) send(chosen());
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const at = Math.max(chosen(), 0);
    send(at);
    rows[at].input.focus(); // the button is about to go
  });
  again.addEventListener("click", () => {
    send(null);
    rows[0].input.focus();
  });
  return { form, draw, drawButtons };
}

// Whoever has answered goes on as everywhere: these keys run a cell, and are not ours.
function runCell(event) {
  const cell = event.target.closest(".jp-Cell");
  if (event.key !== "Enter" || !(event.shiftKey || event.ctrlKey) || !cell) return;
  event.preventDefault();
  cell.focus();
  cell.dispatchEvent(new KeyboardEvent(event.type, event));
}

function render({ model, el }) {
  const asked = model.get("questions");
  const shown = asked.map((each) => question(model, each));
  const asleep = made("p", "course-asleep");
  const summary = made("p", "course-summary");
  summary.setAttribute("role", "status");
  el.classList.add("course-questions");
  el.append(...shown.map((each) => each.form), asleep, summary);
  // JupyterLab leaves the keys to what has this mark itself: its shortcuts ask for the focus.
  for (const each of el.querySelectorAll("input, button")) each.dataset.lmSuppressShortcuts = "true";
  el.addEventListener("keydown", runCell);

  function fallAsleep() {
    const isAnswered = asked.every(({ number }) => number in model.get("answers"));
    shown.forEach((each) => each.drawButtons());
    write(asleep, model.get("words")[isAnswered ? "asleepAnswered" : "asleep"]);
  }

  function draw() {
    shown.forEach((each) => each.draw());
    write(summary, model.get("summary"));
    fallAsleep();
  }

  const sleep = new MutationObserver(fallAsleep);
  sleep.observe(el, { attributes: true, attributeFilter: ["class"] });
  model.on("change:answers", draw);
  model.on("change:summary", draw);
  draw();
  return () => {
    sleep.disconnect();
    model.off("change:answers", draw);
    model.off("change:summary", draw);
  };
}

export default { render };
