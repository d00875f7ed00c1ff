// What a learner takes along: the notebooks in which they wrote, without outputs, and what is done
// and chosen, in one text. Outputs come again by a run, and nothing that a stranger sent is shown.

const FORMAT = "redis-message-broker-course";
const VERSION = 1;
const NAME = /^[^/\\]+\.ipynb$/;
const LISTS = ["predictions", "exercises", "quiz"]; // as in helpers/practice/progress_file.py
const isText = (each) => typeof each === "string";
export const NOT_OURS = "This file is no work of this course: choose one that Export My Work saved.";

// One text of notebooks by their names, and of the progress.
export function packed(notebooks, progress) {
  const bare = Object.entries(notebooks).map(([name, notebook]) => [name, withoutOutputs(notebook)]);
  const work = { format: FORMAT, version: VERSION, notebooks: Object.fromEntries(bare), progress };
  return `${JSON.stringify(work, null, 1)}\n`;
}

// What `packed` was given; throws an Error with a sentence if it did not make the text.
export function unpacked(text) {
  try {
    const { format, version, notebooks, progress } = JSON.parse(text);
    if (format !== FORMAT || version !== VERSION) throw new Error(NOT_OURS);
    const named = Object.entries(notebooks);
    if (!named.every(([name]) => NAME.test(name) && !name.startsWith("."))) throw new Error(NOT_OURS);
    const bare = named.map(([name, notebook]) => [name, withoutOutputs(notebook)]);
    return { notebooks: Object.fromEntries(bare), progress: understood(progress) };
  } catch {
    throw new Error(NOT_OURS);
  }
}

// A notebook without what its cells showed, nor a word on who trusts that.
export function withoutOutputs(notebook) {
  const cells = notebook.cells.map((cell) => {
    const { trusted, ...metadata } = cell.metadata;
    if (cell.cell_type !== "code") return { ...cell, metadata };
    return { ...cell, metadata, outputs: [], execution_count: null };
  });
  return { ...notebook, cells };
}

// What is done in either of two progresses; of two choices, the one of the second.
export function joined(first, second) {
  const [one, other] = [understood(first), understood(second)];
  const lists = LISTS.map((kind) => [kind, [...new Set([...one[kind], ...other[kind]])].sort()]);
  const chosen = LISTS.map((kind) => [kind, { ...one.chosen[kind], ...other.chosen[kind] }]);
  return { ...Object.fromEntries(lists), chosen: Object.fromEntries(chosen) };
}

// A progress in which nothing of a lesson is done or chosen.
export function withoutLesson(progress, lesson) {
  const isOther = (number) => number.split(".")[0] !== lesson;
  const all = understood(progress);
  const lists = LISTS.map((kind) => [kind, all[kind].filter(isOther)]);
  const chosen = LISTS.map((kind) => [
    kind,
    Object.fromEntries(Object.entries(all.chosen[kind]).filter(([number]) => isOther(number))),
  ]);
  return { ...Object.fromEntries(lists), chosen: Object.fromEntries(chosen) };
}

// Whether this is a progress, with all its parts or some.
export function isProgress(found) {
  const isPlain = (each) => typeof each === "object" && each !== null && !Array.isArray(each);
  const isList = (each) => Array.isArray(each) && each.every(isText);
  if (!isPlain(found) || !isPlain(found.chosen ?? {})) return false;
  return LISTS.every((kind) => {
    const choices = found.chosen?.[kind] ?? {};
    return isList(found[kind] ?? []) && isPlain(choices) && isList(Object.values(choices));
  });
}

// A progress with all its parts, each of texts only.
function understood(progress) {
  const lists = LISTS.map((kind) => [kind, (progress?.[kind] ?? []).filter(isText)]);
  const chosen = LISTS.map((kind) => [
    kind,
    Object.fromEntries(
      Object.entries(progress?.chosen?.[kind] ?? {}).filter(([, text]) => isText(text)),
    ),
  ]);
  return { ...Object.fromEntries(lists), chosen: Object.fromEntries(chosen) };
}
