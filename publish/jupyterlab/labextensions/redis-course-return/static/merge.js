// A new edition of a lesson, and in it what a learner wrote in an earlier one: cell by cell, by id.
//
// A cell is the course's as long as its text is one that the course handed out under its id; with
// any other text, or any other id, it is the learner's. The course's cells come new, in the new
// sequence, and keep their outputs if their text is the same. The learner's stay as they are: one
// that was changed in its own place, one that was added behind the cell that it stood behind.

// CRC-32 of a text in UTF-8, as eight hexadecimal digits: zlib.crc32 of Python gives the same.
// (crypto.subtle is missing where a hub is reached over plain HTTP.)
export function checksum(text) {
  let sum = -1;
  for (const byte of new TextEncoder().encode(text)) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 && 0xedb88320);
  }
  return (~sum >>> 0).toString(16).padStart(8, "0");
}

export const textOf = ({ source }) => (Array.isArray(source) ? source.join("") : source);

// Whether a cell has a text that was handed out. A copy names the checksums of its own edition;
// `earlier` lists, by id, those of the editions whose copies did not.
export function isOurs(cell, { handed_out: own }, earlier) {
  const known = own ? own[cell.id] : earlier[cell.id];
  return known?.includes(checksum(textOf(cell))) ?? false;
}

// What the learner wrote: the cells of a notebook that are not the course's, empty ones left out.
export function written({ cells, metadata }, earlier) {
  return cells.filter((cell) => textOf(cell).trim() && !isOurs(cell, metadata, earlier));
}

// The new edition with what is the learner's in it.
export function merged(mine, fresh, earlier) {
  const own = new Set(written(mine, earlier));
  const places = new Map(fresh.cells.map((cell) => [cell.id, cell]));
  const { inPlace, added } = sorted(mine.cells, places, own);
  const behind = (id) => added.get(id) ?? [];
  const cells = fresh.cells.flatMap((cell) => [
    renewed(inPlace.get(cell.id), cell, own),
    ...behind(cell.id),
  ]);
  const metadata = { ...mine.metadata, ...fresh.metadata };
  return { ...fresh, metadata, cells: [...behind(null), ...cells] };
}

// Which cells have their place in the new edition, and which were added behind which of those.
function sorted(cells, places, own) {
  const inPlace = new Map();
  const added = new Map();
  let last = null;
  for (const cell of cells) {
    const isHere = places.has(cell.id) && !inPlace.has(cell.id);
    if (isHere) last = cell.id;
    if (isHere && places.get(cell.id).cell_type === cell.cell_type) inPlace.set(cell.id, cell);
    else if (own.has(cell)) added.set(last, [...(added.get(last) ?? []), withIdOfItsOwn(cell, places)]);
  }
  return { inPlace, added };
}

function withIdOfItsOwn(cell, places) {
  return places.has(cell.id) ? { ...cell, id: `${cell.id}-own`.slice(-64) } : cell;
}

function renewed(mine, fresh, own) {
  if (!mine) return fresh;
  if (own.has(mine)) return mine;
  if (textOf(mine) !== textOf(fresh)) return fresh;
  return { ...mine, metadata: { ...mine.metadata, ...fresh.metadata } };
}
