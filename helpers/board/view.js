// The board of a class. What anybody may see is the state of the model; names and files come as
// messages, which are not saved with a notebook. Parts stay while what they show changes, so that
// whoever uses the keyboard, or a screen reader, keeps their place.

const WORDS = {
  asleep: "The board does not follow the class any more: run its cell.",
  newest: "What most answer now",
  right: "Show what is right",
  full: "Fill the screen",
  names: "Show names",
};
const WHERE = "Where the class is";
const STUCK =
  "Stuck: first failed five minutes ago or earlier, not passed since, heard of within the last hour.";
const WHO = "Each learner; whoever has been stuck for longest stands first.";
const EXERCISES = ["exercise", "passed", "not yet", "stuck", "the longest for"];
const LEARNERS = ["learner", "did last", "failed in a row", "at, for", "quiet for"];

function made(tag, className = "", text = "", more = {}) {
  const element = Object.assign(document.createElement(tag), { className, textContent: text });
  for (const [name, value] of Object.entries(more)) element.setAttribute(name, value);
  return element;
}

function button(text, press) {
  const element = made("button", "jupyter-button board-button", text, { type: "button" });
  element.addEventListener("click", press);
  return element;
}

// A button that is pressed in, or not.
function toggle(text, press) {
  const element = button(text, () => press(element.getAttribute("aria-pressed") !== "true"));
  element.setAttribute("aria-pressed", "false");
  return element;
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text; // else a reader would say it again
}

// Have as many parts as there are things to show, and fill each.
function fill(parent, things, make, show) {
  while (parent.childElementCount > things.length) parent.lastElementChild.remove();
  while (parent.childElementCount < things.length) parent.append(make());
  things.forEach((thing, place) => show(parent.children[place], thing));
}

function row(width) {
  const element = made("tr");
  element.append(made("th", "", "", { scope: "row" }));
  for (let place = 1; place < width; place += 1) element.append(made("td"));
  return element;
}

function table(caption, heads) {
  const element = made("table", "board-table");
  const head = made("thead");
  const line = made("tr");
  const body = made("tbody");
  line.append(...heads.map((text) => made("th", "", text, { scope: "col" })));
  head.append(line);
  element.append(made("caption", "", caption), head, body);
  const show = (rows, mark) =>
    fill(body, rows, () => row(heads.length), (element, cells) => {
      element.dataset.mark = mark(cells);
      cells.values.forEach((text, place) => write(element.children[place], String(text)));
    });
  return { element, show };
}

function share() {
  const element = made("li", "board-share");
  const bar = made("div", "board-bar");
  bar.append(made("div", "board-length"));
  element.append(made("span", "board-option"), made("span", "board-figures"), bar);
  return element;
}

function showShare(element, { text, count, percent, isRight }, hasAnswer) {
  const [option, figures, bar] = element.children;
  write(option, isRight ? `✓ ${text} (right)` : text);
  write(figures, `${percent} % (${count})`);
  element.dataset.verdict = hasAnswer ? (isRight ? "right" : "wrong") : "";
  bar.firstElementChild.style.width = `${percent}%`;
}

function picker(questions, send) {
  const label = made("label", "board-pick", "Vote on ");
  const select = made("select");
  select.append(made("option", "", WORDS.newest, { value: "" }));
  for (const { lesson, asked } of questions) {
    const group = made("optgroup", "", "", { label: lesson });
    group.append(...asked.map(({ key, label }) => made("option", "", label, { value: key })));
    select.append(group);
  }
  select.addEventListener("change", () => send({ vote: select.value }));
  label.append(select);
  return { label, select };
}

function vote(model, send) {
  const element = made("section", "board-vote", "", { "aria-label": "Vote" });
  const title = made("h2");
  const question = made("p");
  const summary = made("p", "board-summary");
  const split = made("ol", "board-split", "", { role: "list" });
  const buttons = made("div", "board-buttons");
  const { label, select } = picker(model.get("questions"), send);
  const right = toggle(WORDS.right, (isShown) => send({ right: isShown }));
  const full = toggle(WORDS.full, (isFull) =>
    isFull ? element.requestFullscreen() : document.exitFullscreen(),
  );
  const before = button("← Question before", () => send({ step: -1 }));
  const after = button("Question after →", () => send({ step: 1 }));
  full.hidden = !document.fullscreenEnabled;
  element.addEventListener("fullscreenchange", () =>
    full.setAttribute("aria-pressed", String(document.fullscreenElement === element)),
  );
  buttons.append(label, before, after, right, full);
  element.append(title, question, summary, split, buttons);

  function show({ vote: { label: name, text, summary: told, shares }, chosen, showsRight }) {
    write(title, name);
    write(question, text);
    question.hidden = !text;
    write(summary, told);
    fill(split, shares, share, (part, each) => showShare(part, each, showsRight));
    if (select.value !== chosen) select.value = chosen;
    right.setAttribute("aria-pressed", String(showsRight));
  }
  return { element, show };
}

function group() {
  const element = made("section", "board-group", "", { "aria-label": "Exercises" });
  const stuck = made("p", "board-summary");
  const exercises = table(WHERE, EXERCISES);
  const meaning = made("p", "board-foot", STUCK);
  element.append(stuck, exercises.element, meaning);
  function show({ stuck: told, exercises: found }) {
    write(stuck, told);
    exercises.element.hidden = meaning.hidden = found.length === 0;
    const rows = found.map((each) => ({
      isStuck: each.stuck > 0,
      values: [each.number, each.passed, each.trying, each.stuck, each.longest],
    }));
    exercises.show(rows, ({ isStuck }) => (isStuck ? "stuck" : ""));
  }
  return { element, show };
}

function learners(send) {
  const element = made("section", "board-learners", "", { "aria-label": "Learners" });
  const names = toggle(WORDS.names, (isShown) => send({ names: isShown }));
  const scrolled = made("div", "board-scrolled");
  const found = table(WHO, LEARNERS);
  for (const [name, value] of Object.entries({ role: "region", "aria-label": "Learners by name" }))
    scrolled.setAttribute(name, value);
  scrolled.tabIndex = 0;
  scrolled.dataset.courseUnsaved = "true"; // publish/jupyterlab leaves it out of the notebook
  scrolled.append(found.element);
  element.append(names, scrolled);
  function show({ showsNames }) {
    names.setAttribute("aria-pressed", String(showsNames));
    scrolled.hidden = !showsNames;
  }
  function showNames(people) {
    const rows = people.map((each) => ({
      isStuck: each.is_stuck,
      values: [each.who, each.did, each.fails || "", each.failing, each.quiet],
    }));
    found.show(rows, ({ isStuck }) => (isStuck ? "stuck" : ""));
  }
  return { element, show, showNames };
}

function download(name, text) {
  const link = made("a", "", "", { download: name });
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.click();
  URL.revokeObjectURL(link.href);
}

function render({ model, el }) {
  const send = (told) => model.send(told);
  const trouble = made("p", "board-trouble", "", { role: "status" });
  const asleep = made("p", "board-trouble board-asleep", WORDS.asleep);
  const parts = [vote(model, send), group(), learners(send)];
  const foot = made("div", "board-buttons");
  const told = made("p", "board-foot");
  for (const name of ["scores.csv", "answers.csv"])
    foot.append(button(`Download ${name}`, () => send({ file: name })));
  el.classList.add("course-board");
  el.append(trouble, asleep, ...parts.map((part) => part.element), told, foot);
  // JupyterLab leaves the keys to what has this mark itself: its shortcuts ask for the focus.
  for (const each of el.querySelectorAll("button, select, [tabindex]"))
    each.dataset.lmSuppressShortcuts = "true";

  function draw() {
    const shown = model.get("shown");
    parts.forEach((part) => part.show(shown));
    write(told, shown.group);
    write(trouble, shown.trouble);
  }
  function hear(message) {
    if (message.names) parts[2].showNames(message.names);
    if (message.file) download(message.file, message.text);
  }

  model.on("change:shown", draw);
  model.on("msg:custom", hear);
  draw();
  send({ begun: true });
  return () => {
    model.off("change:shown", draw);
    model.off("msg:custom", hear);
  };
}

export default { render };
