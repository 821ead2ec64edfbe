// Whether a passage speaks of what a sentence says that cites it: words and numbers in common. Pure.
//
// This is no judgement of truth. A sentence whose numbers or most of whose words are not in the
// passage is marked as "not found there", and the reader is left to look.

const WORD = /[\p{L}\p{N}][\p{L}\p{N}'’.,-]*[\p{L}\p{N}]|[\p{L}\p{N}]/gu;
const EMPTY = new Set(("a an and are as at be been but by did do does for from had has have he her his i in into is it "
  + "its of on or she than that the their them then there these they this to was were which who whom whose will with "
  + "der die das den dem des ein eine einer eines und oder ist sind war waren von vom im in mit auf für zu zum zur "
  + "le la les un une des de du et est sont el los las y es son").split(" "));
const ENOUGH = 0.5;
const LONGEST = 2_000; // Characters of a sentence that are looked at.

const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

/** The words of a text that say something, folded. */
export function words(text) {
  return (folded(text).match(WORD) ?? []).map((word) => word.replace(/['’]s$/, "")).filter((word) => !EMPTY.has(word));
}

const stem = (word) => (/\d/.test(word) ? word : word.slice(0, 6));

/** The sentence that ends at a citation. */
export function claim(text, end) {
  const before = text.slice(Math.max(0, end - LONGEST), end).replace(/(?:\s*\[\d+(?:, ?\d+)*\])+\s*$/, "");
  const parts = before.split(/(?<=[.!?。！？])\s+|\n+/).filter((part) => part.trim());
  return (parts.at(-1) ?? "").replace(/\[\d+(?:, ?\d+)*\]/g, "").trim();
}

/** {ratio, numbers, supported}: how much of `sentence` is in `passage`; its title counts as well. */
export function support(sentence, passage) {
  const said = [...new Set(words(sentence))];
  const there = new Set(words(passage).map(stem));
  const shared = said.filter((word) => there.has(stem(word)));
  const missing = said.filter((word) => /\d/.test(word) && !there.has(stem(word)));
  const ratio = said.length ? shared.length / said.length : 1;
  return { ratio, missing, supported: !missing.length && (said.length < 2 || ratio >= ENOUGH) };
}

/** A passage in pieces: [{text, marked}], marked where it has words of the sentence. */
export function marked(passage, sentence) {
  const wanted = new Set(words(sentence).map(stem));
  const spans = [];
  for (const match of passage.matchAll(WORD)) {
    const [word] = words(match[0]);
    if (!word || !wanted.has(stem(word))) continue;
    const last = spans.at(-1);
    if (last && /^\s+$/.test(passage.slice(last.end, match.index))) last.end = match.index + match[0].length;
    else spans.push({ start: match.index, end: match.index + match[0].length });
  }
  const pieces = [];
  let at = 0;
  for (const { start, end } of spans) {
    pieces.push({ text: passage.slice(at, start), marked: false }, { text: passage.slice(start, end), marked: true });
    at = end;
  }
  return [...pieces, { text: passage.slice(at), marked: false }].filter(({ text }) => text);
}
