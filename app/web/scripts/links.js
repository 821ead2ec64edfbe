// Which addresses may be links: those of the web that the gateway let through. Pure.

const JOINER = "\u2060"; // The gateway puts one into an address that it doesn't know.

export function isLink(url) {
  return typeof url === "string" && /^https?:\/\//i.test(url) && !decoded(url).includes(JOINER);
}

function decoded(url) {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}
