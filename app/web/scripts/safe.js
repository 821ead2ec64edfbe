// Text of strangers -> nodes that can do no harm. The one door through which markup gets in.
//
// Raw HTML never comes this far: the Markdown rules show it as text. DOMPurify is the second lock,
// with a list of what Markdown itself can make and nothing else: no image, no style, no handler, no
// id, no class but ours. Links go where the gateway let them through, in a tab of their own.

import { DOMPurify } from "../vendor/prose.js";
import { isLink } from "./links.js";

const TAGS = [
  "a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "input",
  "li", "ol", "p", "pre", "span", "strong", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
];
const ATTRIBUTES = ["align", "checked", "class", "disabled", "href", "start", "type"];
const CLASSES = /^(?:cite|math-inline|math-block|picture|language-[\w+#.-]{1,30}|hljs(?:-[\w-]+)?|[a-z]+_)$/;

const purify = DOMPurify(window);
purify.addHook("afterSanitizeAttributes", (node) => {
  if (node.hasAttribute("class")) {
    const kept = [...node.classList].filter((name) => CLASSES.test(name));
    if (kept.length) node.className = kept.join(" ");
    else node.removeAttribute("class");
  }
  if (node.nodeName === "INPUT" && node.getAttribute("type") !== "checkbox") node.remove();
  if (node.nodeName === "A") {
    if (!isLink(node.getAttribute("href"))) node.removeAttribute("href");
    else {
      node.setAttribute("target", "_blank");
      node.setAttribute("rel", "noopener noreferrer nofollow");
    }
  }
});

/** Markup -> a fragment of allowed nodes. */
export function safe(html) {
  return purify.sanitize(html, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ATTRIBUTES,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
}
