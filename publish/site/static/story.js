// Play the recorded story of a lab on the stage that shows the lab in a notebook.
const MILLISECONDS = 2600; // for a step: time to read its headline
const here = (name) => new URL(name, import.meta.url);

for (const story of document.querySelectorAll("div.story[data-story]")) show(story);

async function show(story) {
  const answer = await fetch(here(`stories/${story.dataset.story}`));
  if (!answer.ok) return;
  const [{ looks, frames }, { default: stage }] = await Promise.all([
    answer.json(),
    import(here("stage.js")),
    styled(),
  ]);
  const el = document.createElement("div");
  story.prepend(el);
  stage.render({ model: modelOf(looks, frames), el });
  press(el, "Home");
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) story.prepend(player(el));
  savedPicture(story)?.setAttribute("hidden", "");
}

function styled() {
  const link = document.createElement("link");
  Object.assign(link, { rel: "stylesheet", href: here("stage.css") });
  return new Promise((done) => {
    link.addEventListener("load", done);
    document.head.append(link);
  });
}

// What the stage asks of its notebook, answered from the record.
function modelOf(looks, frames) {
  const heard = {};
  const state = { looks, shown: frames.at(-1), controls: [], values: {}, finding: {} };
  return {
    get: (name) => state[name] ?? "",
    send: ({ ask }) => ask === "frames" && heard["msg:custom"]({ frames }),
    on: (name, hear) => (heard[name] = hear),
    off: (name) => delete heard[name],
  };
}

function press(el, key) {
  const framed = el.querySelector(".course-framed");
  framed.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
}

function player(el) {
  const button = document.createElement("button");
  const forward = el.querySelector('[aria-label="Step forward"]');
  const isAtTheEnd = () => forward.getAttribute("aria-disabled") === "true";
  let timer = 0;
  button.className = "play";
  button.type = "button";

  function pause() {
    clearInterval(timer);
    timer = 0;
    button.textContent = isAtTheEnd() ? "▶ Play again" : "▶ Play";
  }

  function go() {
    if (document.visibilityState === "visible") press(el, "ArrowRight");
    if (isAtTheEnd()) pause();
  }

  function play() {
    if (isAtTheEnd()) press(el, "Home");
    else go();
    if (isAtTheEnd()) return;
    timer = setInterval(go, MILLISECONDS);
    button.textContent = "❚❚ Pause";
  }

  button.addEventListener("click", () => (timer ? pause() : play()));
  // Who steps alone is not hurried on.
  for (const kind of ["click", "keydown"]) {
    el.addEventListener(kind, (event) => event.isTrusted && pause(), { capture: true });
  }
  pause();
  return button;
}

// The stage takes the place of the picture above it, which is a moment of the same story.
function savedPicture(story) {
  let before = story.previousElementSibling;
  while (before && !before.matches(".cell")) before = before.previousElementSibling;
  return before?.querySelector("figure.picture");
}
