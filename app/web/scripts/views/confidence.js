// How sure the model was: a quiet line under what it gave a low probability, from the
// log-probabilities that came with the answer. Without those there is nothing to show.

const UNSURE = Math.log(0.8), VERY = Math.log(0.5);

/** Underline the unsure stretches of `element`; false where no log-probabilities came. */
export function underline(element, item, shown) {
  if (!CSS.highlights || !item.scores?.length) return false;
  const ranges = { unsure: [], very: [] };
  if (shown) {
    let at = 0;
    const places = letters(element);
    for (const { token, logprob } of item.scores) {
      const name = logprob < VERY ? "very" : logprob < UNSURE ? "unsure" : null;
      const found = places.text.indexOf(token.trim(), at);
      if (found < 0 || found > at + 24 || !token.trim()) continue; // Markdown's own characters are not shown.
      at = found + token.trim().length;
      if (name) ranges[name].push(places.range(found, at));
    }
  }
  for (const [name, list] of Object.entries(ranges)) {
    const key = `confidence-${name}`;
    const all = CSS.highlights.get(key) ?? new Highlight();
    for (const range of [...all]) if (element.contains(range.startContainer)) all.delete(range);
    for (const range of list) all.add(range);
    CSS.highlights.set(key, all);
  }
  return true;
}

function letters(element) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const nodes = [];
  let text = "";
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement.closest("button, .code-head")) continue;
    nodes.push({ node, from: text.length });
    text += node.data;
  }
  const place = (at) => nodes.findLast(({ from }) => from <= at);
  return {
    text,
    range(start, end) {
      const range = new Range(), first = place(start), last = place(end - 1);
      range.setStart(first.node, start - first.from);
      range.setEnd(last.node, end - last.from);
      return range;
    },
  };
}
