// The folder in which a learner works: its notebooks, what is done, and the lessons as they are now.

import { isProgress } from "./work.js";

const PROGRESS = ".progress.json"; // helpers/practice/progress_file.py writes it
const DAMAGED = ".progress.damaged.json";
const EDITIONS = ".editions"; // publish/working_copies.py lays the lessons there, as handed out
const NOTEBOOK = /\.ipynb$/;

export class Folder {
  // `files` is where a site without a server hands out its files, if this is one.
  constructor(app, path, files) {
    Object.assign(this, { app, path, files });
    this.contents = app.serviceManager.contents;
  }

  at(name) {
    return this.path ? `${this.path}/${name}` : name;
  }

  async names(path = this.path) {
    const { content } = await this.contents.get(path, { content: true });
    return content.map(({ name }) => name);
  }

  async notebooks() {
    return (await this.names()).filter((name) => NOTEBOOK.test(name));
  }

  async notebook(name) {
    const { content } = await this.contents.get(this.at(name), { content: true, type: "notebook" });
    return content;
  }

  // A lesson as it is handed out today; null where it cannot be had.
  async handedOut(name) {
    if (this.files) {
      const answer = await fetch(new URL(this.files + this.at(name), location.href), { cache: "no-cache" });
      return answer.ok ? answer.json() : null;
    }
    if (!(await this.names()).includes(EDITIONS)) return null;
    if (!(await this.names(this.at(EDITIONS))).includes(name)) return null;
    return this.notebook(`${EDITIONS}/${name}`);
  }

  // Put a notebook in place, on the open page too.
  async put(name, content) {
    const path = this.at(name);
    const open = [...this.app.shell.widgets("main")].find((each) => each.context?.path === path);
    if (!open) return this.contents.save(path, { type: "notebook", format: "json", content });
    open.context.model.fromJSON(content);
    return open.context.save();
  }

  // Put a notebook beside one of this name: "04_lists (before).ipynb", or (before 2), and so on;
  // return its name.
  async putBeside(name, word, content) {
    const taken = new Set(await this.names());
    for (let number = 1; ; number++) {
      const label = number === 1 ? word : `${word} ${number}`;
      const place = name.replace(NOTEBOOK, ` (${label}).ipynb`);
      if (taken.has(place)) continue;
      await this.put(place, content);
      return place;
    }
  }

  // What is done and chosen; nothing where that is not kept, or damaged.
  async progress() {
    return (await this.readProgress()) ?? {};
  }

  // A damaged one is set aside, as helpers/practice/progress_file.py does: then return a sentence.
  async putProgress(progress) {
    const aside = (await this.readProgress()) === null ? await this.setAsideProgress() : "";
    const content = `${JSON.stringify(progress, null, 1)}\n`;
    await this.contents.save(this.at(PROGRESS), { type: "file", format: "text", content });
    return aside && `${PROGRESS} was damaged: it is kept as ${aside}.`;
  }

  async readProgress() {
    if (!(await this.names()).includes(PROGRESS)) return {};
    const { content } = await this.contents.get(this.at(PROGRESS), { content: true, type: "file" });
    return progressOf(content);
  }

  async setAsideProgress() {
    const taken = new Set(await this.names());
    for (let number = 1; ; number++) {
      const place = number === 1 ? DAMAGED : DAMAGED.replace(".json", `-${number}.json`);
      if (taken.has(place)) continue;
      await this.contents.rename(this.at(PROGRESS), this.at(place));
      return place;
    }
  }
}

// What a file of progress says, or null where it is damaged. A site without a server reads it itself.
function progressOf(content) {
  try {
    const found = typeof content === "string" ? JSON.parse(content) : content;
    return isProgress(found) ? found : null;
  } catch {
    return null;
  }
}
