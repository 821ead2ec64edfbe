// What this browser remembers: choices, the key, drafts. A browser that keeps nothing is served too.

const PREFIX = "orson.";
const kept = new Map();

export const prefs = {
  get(name, otherwise = null) {
    try {
      const value = localStorage.getItem(PREFIX + name);
      return value === null ? (kept.get(name) ?? otherwise) : JSON.parse(value);
    } catch {
      return kept.get(name) ?? otherwise;
    }
  },
  set(name, value) {
    kept.set(name, value);
    try {
      if (value === null || value === undefined) localStorage.removeItem(PREFIX + name);
      else localStorage.setItem(PREFIX + name, JSON.stringify(value));
    } catch {
      // Private windows and full disks: remembered until the page closes.
    }
  },
};

/** What a question is sent with, beside its words: only what the user chose. */
export function searchOf(chosen) {
  const search = {};
  if (chosen.policy && chosen.policy !== "auto") search.policy = chosen.policy;
  if (Number.isInteger(chosen.budget)) search.max_searches = chosen.budget;
  if (chosen.allowed?.length) search.allowed_domains = chosen.allowed;
  if (chosen.denied?.length) search.denied_domains = chosen.denied;
  return Object.keys(search).length ? search : undefined;
}

/** "a.org, b.org" -> ["a.org", "b.org"]; null when one of them is no domain. */
export function domains(text) {
  const names = text.split(/[\s,;]+/).filter(Boolean);
  return names.every((name) => /^[^\s/:]+$/.test(name)) ? names : null;
}
