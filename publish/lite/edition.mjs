// A reader's copy stays in the browser for good. Another edition of a lesson is offered beside it,
// and never takes its place.
const LESSON = /^notebooks\/\d\d_\w+\.ipynb$/;
const OPEN = "course:open-new-edition";
const { commands, restored, serviceManager, shell } = await app();
const { contents } = serviceManager;
const seen = new Set();

async function handedOut(path) {
  const answer = await fetch(new URL(`../files/${path}`, location.href), { cache: "no-cache" });
  return answer.ok ? answer.json() : null;
}

// The first place beside the copy that is free; none when the edition lies there already.
async function placeFor(edition, path) {
  const folder = path.slice(0, path.lastIndexOf("/"));
  const there = new Set((await contents.get(folder, { content: true })).content.map((file) => file.path));
  for (let number = 1; ; number++) {
    const name = number === 1 ? "new edition" : `new edition ${number}`;
    const place = path.replace(/\.ipynb$/, ` (${name}).ipynb`);
    if (!there.has(place)) return place;
    if ((await contents.get(place, { content: true })).content.metadata.edition === edition) return null;
  }
}

async function offer(widget) {
  const path = widget?.context?.path ?? "";
  if (!LESSON.test(path) || seen.has(path)) return;
  seen.add(path);
  await widget.context.ready;
  const own = widget.context.model.getMetadata("edition");
  const content = await handedOut(path);
  const edition = content?.metadata.edition;
  if (!edition || edition === own) return;
  const place = await placeFor(edition, path);
  if (!place) return;
  const args = { content, place };
  const actions = [{ label: "Open it beside", commandId: OPEN, args, displayType: "accent" }];
  const message = "There is a new edition of this lesson. Your own copy stays as it is.";
  await commands.execute("apputils:notify", {
    message,
    type: "info",
    options: { autoClose: false, actions },
  });
}

commands.addCommand(OPEN, {
  label: "Open the New Edition of a Lesson",
  execute: async ({ content, place }) => {
    await contents.save(place, { type: "notebook", format: "json", content });
    await commands.execute("docmanager:open", { path: place });
  },
});
await restored;
shell.currentChanged.connect((_, { newValue }) => offer(newValue));
offer(shell.currentWidget);
