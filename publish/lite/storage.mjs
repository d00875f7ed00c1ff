// Where a browser lets a page store nothing, all is kept in memory, as long as the page is open.
const PROBE = "course-probe";

function stores() {
  return new Promise((answer) => {
    try {
      const asked = indexedDB.open(PROBE);
      asked.onerror = () => answer(false);
      asked.onsuccess = () => {
        asked.result.close();
        indexedDB.deleteDatabase(PROBE);
        answer(true);
      };
    } catch {
      answer(false);
    }
  });
}

if (!(await stores())) {
  const { commands, restored } = await app();
  await restored;
  const message =
    "This browser lets the page store nothing, so your work is gone when you close it. " +
    "To keep a lesson: File, Download.";
  commands.execute("apputils:notify", { message, type: "warning", options: { autoClose: false } });
}
