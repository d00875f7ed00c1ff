// The headline of a lab. Its places stay where they are: a screen reader says what changes there.

const ENDED = "The kernel of this lab has ended: run its cell to begin again.";

function render({ model, el }) {
  const add = (parent, tag, className, role = "") => {
    const made = Object.assign(document.createElement(tag), { className });
    if (role) made.setAttribute("role", role);
    parent.append(made);
    return made;
  };
  el.classList.add("course-headline");
  const problem = add(el, "p", "problem", "alert");
  const status = add(el, "p", "status", "status");
  const said = ["hint", "summary", "chosen"].map((name) => [name, add(status, "span", name)]);
  add(el, "p", "ended").textContent = ENDED;

  function draw() {
    for (const [name, place] of said) {
      place.textContent = model.get(name) && `${model.get(name)} `;
    }
    const wrong = model.get("problem");
    problem.textContent = wrong && `Something went wrong. ${wrong}`;
  }

  // Once it is on the page. A click on the picture leaves the keys in the lab, too.
  const placed = new ResizeObserver(() => {
    const lab = el.closest(".course-lab");
    if (!lab) return;
    placed.disconnect();
    lab.tabIndex = -1;
    // JupyterLab leaves the keys to what has this mark itself: its shortcuts ask for the focus.
    lab.addEventListener("focusin", ({ target }) => (target.dataset.lmSuppressShortcuts = "true"));
    lab.addEventListener("keydown", (event) => event.stopPropagation());
  });

  model.on("change", draw);
  draw();
  placed.observe(el);
  return () => {
    placed.disconnect();
    model.off("change", draw);
  };
}

export default { render };
