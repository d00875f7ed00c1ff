// Coming back: a lesson that has changed comes new and keeps what its learner wrote; all work can be
// taken along, and a lesson can begin again.

import { Folder } from "./folder.js";
import { merged, written } from "./merge.js";
import { joined, packed, unpacked, withoutLesson } from "./work.js";

const LESSON = /^(\d\d)_\w+\.ipynb$/;
const FILE = "redis-course-work.json";
const BESIDE = "course:keep-beside";
const BACK = "course:bring-back";
const BEFORE = "before the import";

let asked; // what earlier editions handed out, once it is wanted
const earlier = () => (asked ??= fetch(new URL("earlier.json", import.meta.url)).then((it) => it.json()));

const changedIn = async (notebook) => written(notebook, await earlier());

// Set by publish/lite/jupyter-lite.json, where no server has a folder of editions.
const { redisCourseFiles } = JSON.parse(document.getElementById("jupyter-config-data").textContent);

export class Course {
  constructor(app) {
    this.app = app;
  }

  // The lesson on a page: its folder, its name, its number; null if it is another page.
  lesson(widget = this.app.shell.currentWidget) {
    const parts = widget?.context?.path.split("/") ?? [];
    const name = parts.pop() ?? "";
    const number = LESSON.exec(name)?.[1];
    if (!number) return null;
    const folder = new Folder(this.app, parts.join("/"), redisCourseFiles);
    return { context: widget.context, folder, name, number: String(Number(number)) };
  }

  async bringUpToDate(widget) {
    const lesson = this.lesson(widget);
    if (!lesson) return;
    await lesson.context.ready;
    const fresh = await lesson.folder.handedOut(lesson.name);
    if (!isAnother(fresh, lesson.context.model)) return;
    const known = await earlier();
    if (!isAnother(fresh, lesson.context.model)) return; // somebody else has brought it meanwhile
    const mine = lesson.context.model.toJSON(); // now: from here to `put` nobody can type
    await lesson.folder.put(lesson.name, merged(mine, fresh, known));
    const count = written(mine, known).length;
    const stays = count ? ` What you wrote is as you left it (${count} of its cells).` : "";
    const args = { folder: lesson.folder.path, name: lesson.name, content: mine };
    const actions = [{ label: "Keep the old one beside", commandId: BESIDE, args }];
    this.say(`This lesson has been brought up to date.${stays}`, actions);
  }

  async reset() {
    const { context, folder, name, number } = this.lesson();
    const fresh = await folder.handedOut(name);
    if (!fresh) return this.say("This lesson cannot be had anew here.", [], "error");
    const progress = await folder.progress();
    const content = context.model.toJSON();
    await folder.put(name, fresh);
    const kept = await folder.putProgress(withoutLesson(progress, number));
    const args = { folder: folder.path, name, content, progress };
    const actions = [{ label: "Bring my work back", commandId: BACK, args }];
    this.say("This lesson begins anew: what you wrote and chose in it is gone.", actions);
    this.sayKept(kept);
  }

  async exportWork() {
    const { folder } = this.lesson();
    await this.app.commands.execute("docmanager:save-all");
    const notebooks = {};
    for (const name of await folder.notebooks()) {
      const content = await folder.notebook(name);
      if ((await changedIn(content)).length) notebooks[name] = content;
    }
    const progress = await folder.readProgress();
    download(FILE, packed(notebooks, progress ?? {}));
    if (!progress) this.say("Exported without your progress, whose file is damaged.", [], "warning");
  }

  async importWork(text) {
    const { folder } = this.lesson();
    let work;
    try {
      work = unpacked(text);
    } catch ({ message }) {
      return this.say(message, [], "error");
    }
    await this.app.commands.execute("docmanager:save-all");
    const there = await folder.notebooks();
    const beside = [];
    for (const [name, content] of Object.entries(work.notebooks)) {
      if (there.includes(name)) beside.push(await keepBeside(folder, name, content));
      await folder.put(name, content);
    }
    const kept = await folder.putProgress(joined(await folder.progress(), work.progress));
    for (const widget of this.app.shell.widgets("main")) await this.bringUpToDate(widget);
    this.say("Your work is here. Run a lesson from its first cell to see what you chose.");
    const places = beside.filter(Boolean);
    const told = places.length > 1 ? `${places.length} notebooks "(${BEFORE})"` : places[0];
    this.sayKept(told && `What was in its place is kept: ${told}.`, kept);
  }

  // Each in a notice of its own: JupyterLab shows 140 characters of one.
  sayKept(...those) {
    for (const sentence of those.filter(Boolean)) this.say(sentence);
  }

  say(message, actions = [], type = "info") {
    return this.app.commands.execute("apputils:notify", { message, type, options: { autoClose: false, actions } });
  }

  folder(path) {
    return new Folder(this.app, path, redisCourseFiles);
  }
}

// Whether a lesson is of another edition than a copy; a notebook without one is not the course's.
function isAnother(fresh, model) {
  const [edition, own] = [fresh?.metadata.edition, model.getMetadata("edition")];
  return Boolean(edition && own && edition !== own);
}

// Lay what somebody wrote beside what is about to take its place, unless that is the same; return
// where.
async function keepBeside(folder, name, content) {
  const own = await folder.notebook(name);
  const texts = (notebook) => JSON.stringify(notebook.cells.map(({ id, source }) => [id, source]));
  if (!(await changedIn(own)).length || texts(own) === texts(content)) return "";
  return folder.putBeside(name, BEFORE, own);
}

function download(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

function chosenFile() {
  return new Promise((chosen) => {
    const input = Object.assign(document.createElement("input"), { type: "file", accept: ".json" });
    input.onchange = () => chosen(input.files[0]);
    input.click();
  });
}

// The entries of the menu, and what a notice offers.
export function addCommands(app, course) {
  const { commands } = app;
  const add = (id, label, execute, isEnabled = () => Boolean(course.lesson())) =>
    commands.addCommand(id, { label, execute, isEnabled });
  add("course:reset", "Reset This Lesson", () => course.reset());
  add("course:export", "Export My Work", () => course.exportWork());
  add("course:import", "Import My Work…", async () =>
    course.importWork(await (await chosenFile()).text()),
  );
  const always = () => true;
  add(BESIDE, "Keep the Old Edition of a Lesson", ({ folder, name, content }) =>
    course.folder(folder).putBeside(name, "old edition", content), always);
  add(BACK, "Bring Back a Lesson", async ({ folder, name, content, progress }) => {
    await course.folder(folder).put(name, content);
    await course.folder(folder).putProgress(progress);
  }, always);
  return ["course:reset", "course:export", "course:import"];
}

export function activate(app, { Menu }, mainMenu) {
  const course = new Course(app);
  const menu = new Menu({ commands: app.commands });
  menu.id = "jp-mainmenu-course";
  menu.title.label = "Course";
  for (const command of addCommands(app, course)) menu.addItem({ command });
  mainMenu.addMenu(menu, true, { rank: 900 });
  const told = (fault) => console.warn("The lesson stays as it is:", fault);
  const look = (widget) => course.bringUpToDate(widget).catch(told);
  app.shell.currentChanged.connect((_, { newValue }) => look(newValue));
  app.restored.then(() => look(app.shell.currentWidget)); // JupyterLab waits for this function first
}
