// While somebody reads a page, fetch what the browser edition needs: a click then finds it in the
// browser's cache. Never where the browser asks to save data, or on a slow connection.
const SECONDS_OF_READING = 8;
const { connection } = navigator;
const sparing =
  connection?.saveData ||
  /2g/.test(connection?.effectiveType) ||
  matchMedia("(prefers-reduced-data: reduce)").matches;
const root = new URL(document.documentElement.dataset.content_root ?? "./", location.href);
const edition = new URL("lite/", root);
const links = document.querySelector("nav.launch");

function read(seconds) {
  let left = seconds;
  return new Promise((done) => {
    const timer = setInterval(() => {
      if (document.visibilityState === "visible" && --left <= 0) {
        clearInterval(timer);
        done();
      }
    }, 1000);
  });
}

function noteBelow(element) {
  const note = document.createElement("p");
  note.className = "launch-note";
  note.setAttribute("role", "status");
  element.after(note);
  return note;
}

async function fetchAll(files) {
  for (const file of files) {
    const answer = await fetch(new URL(file, edition), { priority: "low" });
    await answer.arrayBuffer(); // only a file that was read to its end stays in the cache
  }
}

if (links && !sparing && location.protocol.startsWith("http")) {
  await read(SECONDS_OF_READING);
  const listed = await fetch(new URL("first-visit.json", edition));
  if (listed.ok) {
    const { megabytes, files } = await listed.json();
    const note = noteBelow(links);
    note.textContent = `The browser edition is on its way: ${megabytes} MB, once. Read on meanwhile.`;
    await fetchAll(files);
    note.textContent = "The browser edition is here: it starts in a few seconds.";
  }
}
