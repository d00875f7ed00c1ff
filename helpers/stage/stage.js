// A stage on the page, and the story that is played on it.
//
// Python sends a moment as plain data; here it becomes elements, which stay while their content
// changes: nothing loses the focus, and what has moved can be seen to move. The page keeps the
// moments it has seen and steps through them by itself. Without motion everything is the same.

const SECONDS_TO_MOVE = 0.32;
const SECONDS_TO_PASS = 0.4; // through the broker, when more than one way is gone at once
const SPEEDS = { slow: 2000, medium: 1000, fast: 400 }; // milliseconds between two acts
const ASLEEP = "jupyter-widgets-disconnected"; // the class that a view has without a kernel
const LANES = ["sends", "broker", "receives", "after"];
const LINES = {
  "course-now": "just now",
  "course-before": "earlier",
  "course-waits": "waits or is subscribed",
};
const MOST_HIDDEN = 0.7; // of a line, by the words on it
const WORDS_HIGH = 16; // pixels
const SPOTS = [0.5, 0.65, 0.35, 0.8, 0.2]; // of a line, for its words: the best that is free
const HEAD = 8; // pixels that the head of a line takes
const POINTS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]; // of a line, that words may hide
const LOOP = 42; // pixels that a line reaches out which comes back to its lane
const MOST_BUTTONS = 4; // of a choice; more are a list that opens
const SVG = "http://www.w3.org/2000/svg";
const ENDED = "The kernel of this lab has ended: run its cell to begin again.";
const KEYS = "The arrow keys left and right step through what has happened.";

let made = 0; // names of elements, different in every view

function make(tag, className = "", text = "", attributes = {}) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

// Writing what is there already would make a screen reader say it again.
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// Put children into this sequence; those that stand right are not touched.
function arrange(parent, children) {
  const wanted = new Set(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  children.forEach((child, at) => {
    if (parent.children[at] !== child) parent.insertBefore(child, parent.children[at] ?? null);
  });
}

// Return what makes an element for each name once, and forgets those that were not asked for.
function keeper(build) {
  let kept = new Map();
  let used = new Map();
  return {
    get: (name, ...more) => {
      const found = used.get(name) ?? kept.get(name) ?? build(name, ...more);
      used.set(name, found);
      return found;
    },
    sweep: () => {
      kept = used;
      used = new Map();
    },
    all: () => kept,
  };
}

const hidden = (text) => make("span", "course-unseen", text);

// Words that break between each other, and never at a hyphen: order-1 is one name, and a figure stays
// with what it counts and with its seconds; a long name of a key breaks after an underscore.
const whole = (text) =>
  text.split(/ (?!\d|m?s\b)/).flatMap((word, nth) => [nth ? " " : "", ...pieces(word)]);
const pieces = (word) =>
  (word.match(/[^_]*_|[^_]+/g) ?? []).flatMap((piece) => [
    make("span", "course-word", piece),
    ...(piece.endsWith("_") ? [make("wbr")] : []),
  ]);

// What is where.

function stageView(looks) {
  const root = make("div", "course-stage");
  const lines = document.createElementNS(SVG, "svg");
  const list = make("ul", "course-links");
  const legend = make("p", "course-legend");
  const lanes = Object.fromEntries(
    LANES.map((side) => {
      const lane = make("div", `course-lane course-${side}`, "", { role: "group" });
      const name = make("p", "course-side", "", { "aria-hidden": "true" });
      const places = make("div", "course-places");
      const frame = make("div", "course-frame");
      frame.append(places);
      lane.append(name, frame);
      return [side, { lane, name, places }];
    }),
  );
  const places = keeper(placeView);
  const tokens = keeper(() => make("li", "course-token"));
  const ring = ringView();
  let shown = { places: [], links: [] };
  let joined = new Map(); // each place with the one from which something came, or comes, to it
  lines.setAttribute("class", "course-lines");
  lines.setAttribute("aria-hidden", "true");
  lanes.broker.places.before(ring.element);
  root.append(lines, ...LANES.map((side) => lanes[side].lane), list, legend);

  function drawToken(item) {
    const token = tokens.get(item.id);
    const { sign, means } = looks.marks[item.mark];
    const said = `${means}${item.isFresh ? ", just now" : ""}`;
    const signature = [item.text, item.mark, item.isFresh].join("\n");
    if (token.dataset.signature === signature) return token;
    token.dataset.signature = signature;
    token.dataset.mark = item.mark;
    token.classList.toggle("is-fresh", item.isFresh);
    const seen = item.mark === "held" ? "" : `${sign} `;
    const unsaid = { "aria-hidden": "true" };
    const fresh = make("span", "course-fresh", item.isFresh ? "◆ " : "", unsaid);
    const mark = make("span", "course-sign", seen, unsaid);
    const text = make("span");
    text.append(...whole(item.text));
    token.replaceChildren(fresh, mark, text, hidden(`, ${said}`));
    return token;
  }

  function drawPlace(place) {
    const view = places.get(place.name, place);
    const between = ({ words, isReader }) =>
      make("li", `course-between${isReader ? " course-reader" : ""}`, words);
    view.draw(place, (item) => (item.id ? drawToken(item) : between(item)));
    return view.element;
  }

  function drawLegend({ places: all }) {
    const items = all.flatMap((place) => place.items);
    const isUsed = (mark) => items.some((item) => item.mark === mark);
    const parts = Object.keys(looks.marks).filter(isUsed).map((mark) => {
      const part = make("span", "course-meaning");
      const sample = make("span", "course-token", looks.marks[mark].sign);
      sample.dataset.mark = mark;
      part.append(sample, ` ${looks.marks[mark].means}`);
      return part;
    });
    if (items.some((item) => item.isFresh) || all.some((place) => place.hasChanged && place.state)) {
      parts.push(make("span", "course-meaning", "◆ has just changed"));
    }
    legend.replaceChildren(...parts, ...meaningsOfLines());
  }

  // What the lines that were drawn mean, beside one of each kind.
  function meaningsOfLines() {
    const kinds = new Set(shown.links.map(kindOf));
    return Object.keys(LINES).filter((kind) => kinds.has(kind)).map((kind) => {
      const part = make("span", "course-meaning course-of-lines");
      const sample = shape("svg", { class: "course-lines-sample", viewBox: "0 0 26 10" });
      sample.setAttribute("aria-hidden", "true");
      sample.append(...arrow({ x: 0, y: 5 }, "H26", { x: 26, y: 5 }, 0, kind));
      part.append(sample, ` ${LINES[kind]}`);
      return part;
    });
  }

  // A line to a node ends where it enters the ring, which draws the rest.
  const boxOf = (name, link) => ring.gate(name, link) ?? places.all().get(name)?.box();

  // A line for each link, from box to box, as they stand on the page now.
  function drawLines() {
    lines.replaceChildren();
    if (getComputedStyle(lines).display === "none") return;
    const origin = root.getBoundingClientRect();
    const laneOf = new Map(shown.places.map(({ name, side }) => [name, side]));
    lines.setAttribute("viewBox", `0 0 ${origin.width} ${origin.height}`);
    const words = [];
    for (const link of shown.links) {
      const [start, end] = [boxOf(link.start, link), boxOf(link.end, link)];
      if (!start || !end) continue;
      const isBeside = start.right <= end.left || end.right <= start.left;
      const isOneLane = laneOf.get(link.start) === laneOf.get(link.end);
      if (isBeside && !isOneLane) {
        const ends = facing(start, end, origin);
        lines.append(...line(link, ends, end.isGate));
        // Only what is new has words, and of one message the line says enough; a line to the ring has
        // them in there.
        const saysMore = kindOf(link) !== "course-before" && link.is !== "1";
        if (saysMore && !start.isGate && !end.isGate) words.push([link, ends]);
      }
      // What goes from node to node is drawn in their ring.
      const isLoop = !isBeside && isOneLane && !shown.ring && kindOf(link) === "course-now";
      if (isLoop) lines.append(...loop(link, start, end, origin));
    }
    lines.append(...wordsOn(words));
  }

  function draw(stage) {
    const links = stage.links.map((link) => [link.end, link.start]);
    joined = new Map([...shown.links.map((link) => [link.end, link.start]), ...links]);
    shown = stage;
    for (const side of LANES) {
      const own = stage.places.filter((place) => place.side === side);
      const { lane, name, places: held } = lanes[side];
      write(name, stage.sides[side]);
      lane.setAttribute("aria-label", stage.sides[side]);
      arrange(held, own.map(drawPlace));
      lane.hidden = own.length === 0;
    }
    tokens.sweep();
    places.sweep();
    root.dataset.lanes = LANES.filter((side) => !lanes[side].lane.hidden).join(" ");
    arrange(list, stage.joins.map((words) => make("li", "", words)));
    drawLegend(stage);
    ring.draw(stage.ring);
  }

  const acts = (place) => places.all().get(place)?.acts;
  const standing = () => new Map([...tokens.all()].map(([id, token]) => [id, spot(token)]));

  // Where something stands on the stage: that the page around it moves is no journey.
  function spot(element) {
    const [own, origin] = [element.getBoundingClientRect(), root.getBoundingClientRect()];
    return { x: own.x - origin.x, y: own.y - origin.y };
  }

  // Let what has moved travel from where it stood, and what is new come along a link. First all is
  // measured, then all is set in motion: the page is laid out once.
  function travel(before) {
    for (const motion of root.getAnimations({ subtree: true })) motion.cancel();
    const journeys = shown.places.flatMap((place) =>
      place.items.filter((item) => item.id).map((item) => {
        const token = tokens.all().get(item.id);
        const from = before.get(item.id);
        return [token, spot(token), from ? [from] : item.isFresh ? way(place.name) : []];
      }),
    );
    for (const journey of journeys) glide(...journey);
    ring.travel();
  }

  // The names of the places along which something came here, from the first one on.
  function way(name) {
    const stations = [];
    for (let at = joined.get(name); at && stations.length < 3; at = joined.get(at)) {
      const station = places.all().get(at);
      if (station) stations.unshift(spot(station.name));
    }
    return stations;
  }

  const rows = () => [...places.all().values()].map((view) => view.acts);
  return { root, draw, drawLines, acts, rows, standing, travel };
}

// Let a token go from one spot to the next; what comes from nowhere appears.
function glide(token, to, stations) {
  const duration = SECONDS_TO_MOVE * 1000;
  const legs = stations.map(({ x, y }) => [x - to.x, y - to.y]);
  if (!legs.length) {
    token.animate([{ opacity: 0, transform: "scale(.6)" }, {}], { duration });
  } else if (legs.some(([x, y]) => Math.abs(x) + Math.abs(y) > 1)) {
    const transforms = [...legs, [0, 0]].map(([x, y]) => `translate(${x}px, ${y}px)`);
    const steps = transforms.map((transform) => ({ transform, zIndex: 3, easing: "ease-in-out" }));
    token.animate(steps, { duration: legs.length > 1 ? SECONDS_TO_PASS * 1000 : duration });
  }
}

function placeView(key, { kind }) {
  const element = make("div", `course-place course-${kind}`, "", { role: "group" });
  const head = make("p", "course-head");
  const name = make("strong", "course-name");
  const state = make("span", "course-state");
  const axis = make("div", "course-axis", "", { "aria-hidden": "true" });
  const tokens = make("ul", "course-tokens");
  const note = make("li", "course-note");
  const acts = make("div", "course-acts");
  const bars = make("ul", "course-bars");
  name.append(...whole(key));
  head.append(name, " ", state);
  element.append(head, axis, bars, tokens, acts);

  function drawBars(place) {
    bars.hidden = place.bars.length === 0;
    element.classList.toggle("has-bars", !bars.hidden);
    const rows = place.bars.map(({ words, value, share, mark }, nth) => {
      const row = bars.children[nth] ?? make("li");
      const parts = [make("span"), " ", make("span", "course-bar"), make("strong")];
      if (!row.firstChild) row.append(...parts);
      const [label, bar, number] = row.children;
      write(label, words);
      write(number, String(value));
      bar.dataset.mark = mark;
      bar.style.flexGrow = share;
      bar.hidden = value === 0;
      row.style.setProperty("--rest", 1 - share);
      return row;
    });
    arrange(bars, rows);
  }

  function drawAxis(place) {
    axis.hidden = place.axis.length === 0;
    const at = (part, x) => Object.assign(part, { style: `left:${100 * x}%` });
    const labels = place.axis.map(([x, label]) => at(make("span", "course-label", label), x));
    const dots = place.items
      .filter((item) => typeof item.at === "number")
      .map((item) => {
        const dot = at(make("span", `course-dot${item.isFresh ? " is-fresh" : ""}`), item.at);
        dot.dataset.mark = item.mark;
        return dot;
      });
    // Every other name stands below, so that two who are at the same point can be read.
    const needle = (c, nth) => make("span", `course-needle${nth % 2 ? " is-below" : ""}`, c.name);
    const needles = place.cursors.map((c, nth) => at(needle(c, nth), c.at));
    axis.replaceChildren(...labels, ...dots, ...needles);
  }

  function draw(place, drawItem) {
    element.setAttribute("aria-label", [place.name, place.state].filter(Boolean).join(", "));
    const isChanged = place.hasChanged || place.hasLost || place.items.some((item) => item.isFresh);
    element.classList.toggle("is-changed", isChanged);
    element.dataset.state = place.state.split(/[\s,]/)[0];
    write(state, place.state && `${place.hasChanged ? "◆ " : ""}${place.state}`);
    write(note, place.note);
    drawAxis(place);
    drawBars(place);
    arrange(tokens, [...place.items.map(drawItem), ...(place.note ? [note] : [])]);
  }

  return { element, name, acts, draw, box: () => element.getBoundingClientRect() };
}

// The two points between which a line goes, at the edges of its boxes that face each other.
function facing(start, end, origin) {
  const middle = (box) => Math.min(box.top + 22, box.top + box.height / 2) - origin.top;
  const [x1, x2] = start.left < end.left ? [start.right, end.left] : [start.left, end.right];
  return [
    { x: x1 - origin.left, y: middle(start) },
    { x: x2 - origin.left, y: middle(end) },
  ];
}

// From the edge of one box to that of another; at the ring, what is in there has the head.
function line(link, [from, to], isToGate) {
  const half = (from.x + to.x) / 2;
  const bend = `C${half} ${from.y} ${half} ${to.y} ${to.x} ${to.y}`;
  const [path, ...tip] = arrow(from, bend, to, from.x < to.x ? 0 : 180, kindOf(link));
  return [path, ...(isToGate ? [] : tip)];
}

// The words of all lines: each where they stand on no others, and hide as little as can be.
function wordsOn(lines) {
  const taken = [];
  return lines.flatMap(([link, [from, to]]) => {
    const half = widthOf(link.is) / 2;
    if (2 * half > MOST_HIDDEN * Math.abs(to.x - from.x)) return [];
    const others = lines.filter(([other]) => other !== link);
    const points = others.flatMap(([, ends]) => POINTS.map((share) => spotOn(...ends, share)));
    const isFree = (spot) => taken.every((each) => !isNear(spot, each, half + each.half, WORDS_HIGH));
    const hidden = (spot) => points.filter((each) => isNear(spot, each, half, WORDS_HIGH / 2)).length;
    const spots = SPOTS.map((share) => spotOn(from, to, share, half));
    const free = spots.filter(isFree).sort((one, other) => hidden(one) - hidden(other));
    let spot = free[0] ?? spots[0];
    while (!isFree(spot)) spot = { x: spot.x, y: spot.y + WORDS_HIGH };
    taken.push({ ...spot, half });
    return label(link.is, spot.x, spot.y, kindOf(link));
  });
}

const isNear = (one, other, x, y) => Math.abs(one.x - other.x) < x && Math.abs(one.y - other.y) < y;

// Where so much of a line is behind; words of this half width do not cover its ends.
function spotOn(from, to, share, half = 0) {
  const rest = 1 - share;
  const middle = (from.x + to.x) / 2;
  const x = from.x * rest ** 3 + 3 * middle * share * rest + to.x * share ** 3;
  const y = from.y * rest ** 2 * (1 + 2 * share) + to.y * share ** 2 * (1 + 2 * rest);
  const [left, right] = [from.x, to.x].sort((one, other) => one - other);
  return { x: Math.min(Math.max(x, left + half + HEAD), right - half - HEAD), y };
}

// From the right edge of one box to that of another, which stands above or below it.
function loop(link, start, end, origin) {
  const at = (box) => ({ x: box.right - origin.left, y: box.top + box.height / 2 - origin.top });
  const [from, to] = [at(start), at(end)];
  const out = Math.max(from.x, to.x) + LOOP;
  return arrow(from, `C${out} ${from.y} ${out} ${to.y} ${to.x} ${to.y}`, to, 180, kindOf(link));
}

function kindOf({ count, isFresh, isOpen }) {
  if (isFresh) return "course-now";
  return count && !isOpen ? "course-before" : "course-waits";
}

// Who waits has got nothing yet: such a line has no head.
function arrow(from, way, to, angle, kind) {
  const d = `M${from.x} ${from.y}${way}`;
  const turned = `translate(${to.x} ${to.y}) rotate(${angle})`;
  const tip = { d: "M0 0l-7 -4v8z", transform: turned, class: `course-tip ${kind}` };
  const path = shape("path", { d, class: kind });
  return kind === "course-waits" ? [path] : [path, shape("path", tip)];
}

// Nodes in a ring, each joined to each. Their words stand in boxes below it.
function ringView() {
  const element = document.createElementNS(SVG, "svg");
  element.setAttribute("class", "course-ring");
  element.setAttribute("aria-hidden", "true");
  let shown = null;

  function draw(ring) {
    element.toggleAttribute("hidden", !ring);
    shown = ring;
    if (!ring) return element.replaceChildren();
    const { size, radius, nodes, lines, rays, ways } = ring;
    element.setAttribute("viewBox", `0 0 ${size} ${size}`);
    const words = rays.filter(({ words }) => words);
    const outer = ways.filter(({ words }) => words);
    element.replaceChildren(
      ...lines.map((line) => stroke(line, "course-bus")),
      ...rays.flatMap(rayParts),
      ...ways.flatMap(wayParts),
      ...outer.flatMap(({ words, at: [x, y] }) => label(words, x, y, "course-way")),
      ...words.flatMap(({ words, at: [x, y] }) => label(words, x, y)),
      ...nodes.flatMap(([name, x, y]) => [
        shape("circle", { cx: x, cy: y, r: radius, "data-name": name }),
        written(name, x, y + 4),
      ]),
    );
  }

  // Let a dot go along each way on which something has just gone.
  function travel() {
    for (const ray of element.querySelectorAll(".course-ray.is-fresh")) {
      const length = ray.getTotalLength();
      const keyframes = [{ strokeDasharray: `0 ${length}` }, { strokeDasharray: `${length} 0` }];
      ray.animate(keyframes, { duration: SECONDS_TO_PASS * 1000 });
    }
  }

  // Return the point on the page where the line of a link reaches the ring, as a box without size.
  function gate(name, { start, end }) {
    const way = shown?.ways.find((each) => each.start === start && each.end === end);
    if (!way || !shown.nodes.some(([node]) => node === name)) return null;
    const own = element.getBoundingClientRect();
    const x = own.left + (way.gate[0] / shown.size) * own.width;
    const y = own.top + (way.gate[1] / shown.size) * own.height;
    return { left: x, right: x, top: y, height: 0, isGate: true };
  }

  return { element, draw, travel, gate };
}

// The end of a line from outside, round all nodes to its own.
function wayParts({ path, tip, turn, count, isFresh }) {
  const kind = `course-way ${kindOf({ count, isFresh })}`;
  const way = shape("path", { d: path, class: kind });
  if (!tip || !count) return [way];
  const turned = `translate(${tip[0]} ${tip[1]}) rotate(${turn})`;
  return [way, shape("path", { d: "M0 0l-8 -4.5v9z", transform: turned, class: `${kind} course-tip` })];
}

// A line with a head at the node that receives.
function rayParts({ line, turn, isFresh }) {
  const look = isFresh ? " is-fresh" : "";
  const turned = `translate(${line[2]} ${line[3]}) rotate(${turn})`;
  return [
    stroke(line, `course-ray${look}`),
    shape("path", { d: "M0 0l-8 -4.5v9z", transform: turned, class: `course-tip${look}` }),
  ];
}

function stroke([x1, y1, x2, y2], kind) {
  return shape("path", { d: `M${x1} ${y1}L${x2} ${y2}`, class: kind });
}

function written(words, x, y, kind = "") {
  const text = shape("text", { x, y, "text-anchor": "middle", class: kind });
  text.textContent = words;
  return text;
}

const widthOf = (words) => words.length * 6.8 + 6;

function label(words, x, y, kind = "") {
  const [width, height] = [widthOf(words), WORDS_HIGH];
  const back = shape("rect", { x: x - width / 2, y: y - height / 2, width, height, class: kind });
  return [back, written(words, x, y + 4, kind)];
}

function shape(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

// What can be done and set.

function actView(name, { label, isDangerous }, press) {
  const element = button(label, name, () => press(name));
  element.classList.toggle("is-dangerous", isDangerous);
  // Who presses what is not possible now is told why: it can still be reached and pressed.
  const draw = (values, { whyNot }) => element.setAttribute("aria-disabled", String(Boolean(whyNot)));
  return { element, inputs: [element], draw };
}

function settingView(control, set) {
  const { kind, setting, label, options = [], low, high } = control;
  if (kind === "choice" && options.length <= MOST_BUTTONS) return choiceView(control, set);
  const element = make("label", "course-setting", `${label} `);
  const isList = kind === "choice";
  const input = make(isList ? "select" : "input", "", "", isList ? {} : { type: "text" });
  for (const value of isList ? options : []) input.append(make("option", "", value, { value }));
  if (kind === "number") {
    Object.assign(input, { type: "number", min: low, max: high, required: true });
  }
  let told; // what is being typed stays when news come that have the same value as before
  input.addEventListener("change", () => {
    told = undefined;
    if (kind === "number" && Number.isNaN(input.valueAsNumber)) return;
    set(setting, kind === "number" ? input.valueAsNumber : input.value);
  });
  element.append(input);
  const draw = (values) => {
    if (!(setting in values)) return;
    const value = String(values[setting]);
    if (value === told) return;
    told = value;
    if (input.value !== value) input.value = value;
  };
  return { element, inputs: [input], draw };
}

function choiceView({ setting, label, options }, set) {
  const element = make("fieldset", "course-choice");
  const group = `course-choice-${(made += 1)}`;
  const inputs = options.map((value) =>
    Object.assign(make("input"), { type: "radio", name: group, value }),
  );
  const rows = inputs.map((input) => {
    const row = make("label", "course-option");
    row.append(input, make("span", "", input.value));
    input.addEventListener("change", () => set(setting, input.value));
    return row;
  });
  element.append(make("legend", "", label), ...rows);
  const draw = (values) => {
    if (!(setting in values)) return;
    for (const input of inputs) input.checked = input.value === values[setting];
  };
  return { element, inputs, draw };
}

// What was found out: a number, and a question with native radio buttons.

function findingView(choose) {
  const element = make("form", "course-finding");
  const number = make("p", "course-number");
  const fieldset = make("fieldset");
  const legend = make("legend");
  const answer = make("button", "course-act", "Answer", { type: "submit" });
  const said = make("p", "course-said", "", { role: "status" });
  const name = `course-finding-${(made += 1)}`;
  let rows = [];
  let shown = "";
  let isByPointer = false; // the arrow keys also choose, and must not answer
  element.append(number, fieldset, answer, said);

  const chosen = () => rows.find(({ input }) => input.checked);
  const send = () => chosen() && choose(chosen().input.value);
  element.addEventListener("pointerdown", () => (isByPointer = true));
  element.addEventListener("keydown", (event) => {
    isByPointer = false;
    if (event.key !== "Enter" || event.target.type !== "radio") return;
    event.preventDefault();
    send();
  });
  element.addEventListener("change", () => isByPointer && send());
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });

  function row({ answer: text }) {
    const label = make("label", "course-option");
    const input = Object.assign(make("input"), { type: "radio", name, value: text });
    const mark = make("span", "course-mark", "", { "aria-hidden": "true" });
    label.append(input, make("span", "", text), mark);
    return { label, input, mark, text };
  }

  function draw(finding, answered) {
    element.hidden = !finding.question;
    if (element.hidden) return;
    const asked = JSON.stringify([finding.question, finding.answers]);
    write(number, finding.number);
    if (shown !== asked) {
      shown = asked;
      write(legend, finding.question);
      rows = finding.answers.map(row);
      fieldset.replaceChildren(legend, ...rows.map(({ label }) => label));
    }
    answer.hidden = answered !== "";
    verdict(finding.answers.find((each) => each.answer === answered));
  }

  function verdict(told) {
    for (const { label, input, mark, text } of rows) {
      const isChosen = told?.answer === text;
      if (told) input.checked = isChosen;
      label.dataset.verdict = isChosen ? (told.isRight ? "right" : "wrong") : "";
      write(mark, isChosen ? (told.isRight ? "✓" : "✗") : "");
    }
    said.dataset.verdict = told ? (told.isRight ? "right" : "wrong") : "";
    write(said, told ? `${told.isRight ? "✓ Right." : "✗ Not so."} ${told.remark}` : "");
  }

  const isOpen = () => !element.hidden && !answer.hidden;
  const sleep = (isAsleep) => (fieldset.disabled = isAsleep);
  return { element, draw, isOpen, sleep };
}

// The moments that were seen, and the one that is on show.

function historyOf() {
  let frames = [];
  let at = -1;
  return {
    add(frame) {
      if (!frames.length || frame.number < frames.at(-1).number) frames = [];
      if (frames.at(-1)?.number === frame.number) frames.pop();
      frames.push(frame);
      at = frames.length - 1;
    },
    fill(all) {
      const now = this.isNow() ? -1 : this.shown().number;
      frames = all;
      at = frames.findIndex((frame) => frame.number === now);
      if (at < 0) at = frames.length - 1;
    },
    shown: () => frames[at],
    newest: () => frames.at(-1),
    isNow: () => at === frames.length - 1,
    isFirst: () => at <= 0,
    step(by) {
      at = Math.min(Math.max(at + by, 0), frames.length - 1);
    },
  };
}

// What is told above the stage: what went wrong, and what has come of the last act.

function saidView(goToQuestion) {
  const problem = make("p", "course-problem", "", { role: "alert" });
  const status = make("div", "course-status", "", { role: "status" });
  const past = make("p", "course-past");
  const hint = make("p", "course-hint");
  const headline = make("p", "course-headline");
  const summary = make("p", "course-summary");
  const room = make("p", "course-past", "", { "aria-hidden": "true" });
  let [tallest, width] = [0, 0]; // in pixels
  // The question stands below the stage, where a small window does not reach.
  const toQuestion = button("All done. Answer the question ↓", "", goToQuestion);
  toQuestion.classList.add("course-ask");
  status.append(past, hint, headline, toQuestion, summary);

  function draw(frame, told) {
    write(past, told.past);
    write(hint, told.hint);
    write(headline, frame.headline);
    write(summary, frame.summary);
    toQuestion.hidden = !told.isAsked;
    write(problem, told.problem && `Something went wrong. ${told.problem}`);
    write(room, told.past ? "" : told.wouldBePast);
    keepHeight();
  }

  // What stands below, buttons among it, does not move up and down with each act, nor when one looks
  // back: what is told then has its room before.
  function keepHeight() {
    if (status.offsetWidth !== width) [tallest, width] = [0, status.offsetWidth];
    status.style.minHeight = "";
    status.prepend(room);
    tallest = Math.max(tallest, Math.ceil(status.getBoundingClientRect().height));
    room.remove();
    status.style.minHeight = `${tallest}px`;
  }

  return { elements: [problem, status], draw };
}

// The story: what is reached, and what comes next.

function goalsView() {
  const element = make("ol", "course-goals", "", { "aria-label": "The story of this lab" });

  function draw(told) {
    const open = told.findIndex(([, isReached]) => !isReached);
    const rows = told.map(([words, isReached], at) => {
      const row = element.children[at] ?? make("li");
      const state = isReached ? "reached" : at === open ? "next" : "";
      drawGoal(row, isReached ? "✓" : String(at + 1), words, state);
      return row;
    });
    arrange(element, rows);
    element.hidden = told.length === 0;
  }

  function drawGoal(row, sign, words, state) {
    const signature = [sign, words, state].join("\n");
    if (row.dataset.signature === signature) return;
    row.dataset.signature = signature;
    row.className = state && `is-${state}`;
    const tick = make("span", "course-tick", sign, { "aria-hidden": "true" });
    row.replaceChildren(tick, make("span", "", words), hidden(state && `, ${state}`));
  }

  return { element, draw };
}

// Which moment is on show, and the way to the others.

function stepsView({ step, goOn }) {
  const element = make("div", "course-steps", "", { role: "group", "aria-label": "Steps" });
  const back = button("◀ Back", "Step back", () => step(-1));
  const where = make("span", "course-where");
  const forward = button("Forward ▶", "Step forward", () => step(1));
  const now = button("Now", "Back to now", () => step(Infinity));
  const from = button("Go on from here", "Go on from here", goOn);
  element.append(back, forward, now, from, where);

  function draw(history, { canAct, canGoOn }) {
    const { did } = history.shown();
    write(where, `${place(history, canAct)}${did && ` · ${did}`}`);
    back.setAttribute("aria-disabled", String(history.isFirst()));
    for (const each of [forward, now]) each.setAttribute("aria-disabled", String(history.isNow()));
    write(now, canAct ? "Now" : "Last");
    now.setAttribute("aria-label", canAct ? "Back to now" : "To the last step");
    from.hidden = history.isNow() || !canGoOn;
    element.hidden = history.newest().number === 1;
  }

  return { element, draw };
}

// Before the first press nothing has been pressed; what can only be looked at has steps.
function place(history, canAct) {
  const [at, all] = [history.shown().number, history.newest().number];
  if (!canAct) return `step ${at} of ${all}`;
  return at > 1 ? `press ${at - 1} of ${all - 1}` : "the start";
}

function button(text, name, press) {
  const label = name ? { "aria-label": name } : {};
  const element = make("button", "course-act", text, { type: "button", ...label });
  element.addEventListener("click", press);
  return element;
}

// An automatic run is made of the same presses; the next waits until the last is dealt with.

function runView({ next, press, begin }) {
  const element = make("div", "course-run");
  const starter = make("button", "course-act", "▶ Run by itself", { type: "button" });
  const label = make("label", "course-setting", "Speed ");
  const speed = make("select");
  let isOn = false;
  let isWaiting = false; // for the answer to an act
  let timer;
  speed.append(...Object.keys(SPEEDS).map((name) => make("option", "", name, { value: name })));
  speed.value = "medium";
  label.append(speed);
  element.append(starter, label);

  function go() {
    if (!next()) return stop();
    isWaiting = true;
    press(next());
  }

  function answered() {
    if (!isOn || !isWaiting) return;
    if (!next()) return stop();
    isWaiting = false;
    timer = setTimeout(go, SPEEDS[speed.value]);
  }

  function stop() {
    clearTimeout(timer);
    isOn = isWaiting = false;
    write(starter, "▶ Run by itself");
  }

  function start() {
    begin();
    isOn = true;
    write(starter, "■ Stop");
    go();
  }

  starter.addEventListener("click", () => (isOn ? stop() : start()));
  return { element, answered, stop, draw: () => (element.hidden = !isOn && !next()) };
}

// The commands of a moment.

function sentView() {
  const element = make("div", "course-sent", "", { role: "group", tabindex: "0" });
  const lines = make("pre");
  const name = make("p", "course-side", "", { "aria-hidden": "true" });
  element.append(name, lines);
  const draw = ({ number, sent }, canAct) => {
    const isStart = canAct && number === 1;
    write(name, `Commands of this ${canAct ? "press" : "step"}, with their replies`);
    element.setAttribute("aria-label", name.textContent);
    write(lines, sent.join("\n") || (isStart ? "Nothing was pressed yet." : "No command was sent."));
  };
  return { element, draw };
}

// JupyterLab leaves the keys to what has this mark itself: its shortcuts ask for the focus. A click
// on the stage leaves them in the lab, too.
function keepKeys(element) {
  element.tabIndex = -1;
  element.addEventListener("focusin", ({ target }) => {
    target.dataset.lmSuppressShortcuts = "true";
  });
  element.addEventListener("keydown", (event) => event.stopPropagation());
}

function stepByKeys(element, step) {
  element.addEventListener("keydown", (event) => {
    if (event.target.matches("input, select")) return;
    const by = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (!by || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    step(by);
  });
}

// The toolbar, and the acts in the rows of the stage.

function controlsView(stage, run, { press, set }) {
  const element = make("div", "course-toolbar");
  const next = hidden("The next goal of the story.");
  const views = keeper((name, control) =>
    control.kind === "act" ? actView(name, control, press) : settingView(control, set),
  );
  next.id = `course-next-${(made += 1)}`;

  function draw(controls, { values, primary, isPast }) {
    const rows = new Map(stage.rows().map((row) => [row, []]));
    const bar = [];
    for (const control of controls) {
      const view = views.get(control.name ?? `set ${control.setting}`, control);
      view.draw(values, control);
      for (const input of view.inputs) input.disabled = isPast;
      mark(view.element, primary && primary === (control.name ?? control.label));
      (rows.get(stage.acts(control.place)) ?? bar).push(view.element);
    }
    views.sweep();
    for (const [row, acts] of rows) arrange(row, acts);
    run.draw();
    arrange(element, [...bar.slice(0, -1), run.element, ...bar.slice(-1)]);
    element.hidden = controls.length === 0;
  }

  function mark(control, isPrimary) {
    control.classList.toggle("is-primary", Boolean(isPrimary));
    if (isPrimary) control.setAttribute("aria-describedby", next.id);
    else control.removeAttribute("aria-describedby");
  }

  return { element, next, draw };
}

function render({ model, el }) {
  const history = historyOf();
  const stage = stageView(model.get("looks"));
  const press = (act) => ask({ act });
  const set = (setting, value) => ask({ set: setting, value });
  const isAsleep = () => el.closest(`.${ASLEEP}`) !== null;
  const isStill = () => document.hidden || matchMedia("(prefers-reduced-motion: reduce)").matches;
  const said = saidView(() => finding.element.querySelector("input").focus());
  const goals = goalsView();
  const run = runView({
    next: () => (isAsleep() || !el.isConnected ? "" : model.get("next_act")),
    press,
    begin: () => step(Infinity),
  });
  const controls = controlsView(stage, run, { press, set });
  const goOn = () => ask({ go_on_from: history.shown().number });
  const steps = stepsView({ step, goOn });
  const sent = sentView();
  const finding = findingView((answer) => {
    model.set("answered", answer);
    model.save_changes();
  });
  const played = make("div", "course-played");
  const framed = make("div", "course-framed", "", { role: "group", tabindex: "0" });
  const keys = hidden(KEYS);
  const ended = make("p", "course-ended", ENDED);
  keys.id = `course-keys-${(made += 1)}`;
  framed.setAttribute("aria-describedby", keys.id);
  played.append(stage.root, steps.element);
  framed.append(played, sent.element);
  el.classList.add("course-lab");
  el.append(...said.elements, ended, goals.element, controls.element, framed, finding.element);
  el.append(controls.next, keys);
  let unanswered = 0;
  keepKeys(el);
  stepByKeys(framed, step);

  function ask(what) {
    unanswered += 1;
    el.dataset.busy = "true";
    model.send(what);
  }

  function answered() {
    unanswered = Math.max(0, unanswered - 1); // another view of this lab may have asked
    if (unanswered === 0) delete el.dataset.busy;
  }

  function step(by) {
    run.stop();
    history.step(by);
    show();
  }

  function show() {
    const frame = history.shown();
    if (!frame?.stage) return;
    const before = stage.standing();
    const canAct = model.get("controls").length > 0; // else there is nothing but the moments
    const isPast = canAct && !history.isNow();
    framed.setAttribute("aria-label", frame.stage.title);
    el.classList.toggle("is-past", isPast);
    ended.hidden = !canAct;
    finding.draw(model.get("finding"), model.get("answered"));
    finding.sleep(isAsleep());
    drawSaid(frame, canAct);
    goals.draw(frame.goals);
    stage.draw(frame.stage);
    const primary = isPast ? "" : model.get("primary"); // which act led on from there is not known
    // An answer to what was chosen before must not undo what has been chosen since.
    const values = unanswered > 0 ? {} : model.get("values");
    controls.draw(model.get("controls"), { values, primary, isPast });
    steps.draw(history, { canAct, canGoOn: canAct && model.get("can_go_on") });
    sent.draw(frame, canAct);
    stage.drawLines(); // at last: the acts have made the boxes higher
    if (el.isConnected && !isStill()) stage.travel(before);
  }

  function drawSaid(frame, canAct) {
    const isPast = canAct && !history.isNow();
    const another = "from here you can go on another way";
    const possible = model.get("can_go_on") ? another : "nothing can be done here";
    const wouldBePast = canAct ? `You look back at ${place(history, true)}; ${possible}.` : "";
    const past = isPast ? wouldBePast : "";
    const hint = history.isNow() ? model.get("hint") : "";
    const isAsked = !isPast && finding.isOpen();
    said.draw(frame, { past, wouldBePast, hint, problem: model.get("problem"), isAsked });
  }

  function arrived() {
    const frame = model.get("shown");
    if (frame.number !== history.newest()?.number || frame.number === 1) history.add(frame);
    else history.step(Infinity);
    answered();
    show();
    run.answered();
  }

  function told(message) {
    if (!message.frames) return;
    history.fill(message.frames);
    show();
  }

  // It is drawn before it is laid in the page, where all is known: how wide it is, and whether its
  // kernel has ended before that, as when an output is shown a second time.
  const size = new ResizeObserver(() => {
    stage.drawLines();
    finding.sleep(isAsleep());
  });
  size.observe(stage.root);
  // When the kernel ends, what is around this view is marked, before or after this is told.
  const fallAsleep = () => setTimeout(show);
  const heard = { "comm_live_update": fallAsleep, change: arrived, "msg:custom": told };
  for (const [name, hear] of Object.entries(heard)) model.on(name, hear);
  arrived();
  model.send({ ask: "frames" });
  return () => {
    run.stop();
    size.disconnect();
    for (const [name, hear] of Object.entries(heard)) model.off(name, hear);
  };
}

export default { render };
