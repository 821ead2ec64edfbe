// Builds what the browser chat comes with out of what npm brought: app/web/vendor.
//
// Three modules, two of them loaded only when an answer needs them (code, mathematics), two fonts,
// and the licence of each. The result is committed, so that nobody who runs Orson needs Node.

import { build } from "esbuild";
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";

const here = new URL(".", import.meta.url).pathname;
const out = `${here}../app/web/vendor`;
const from = (path) => `${here}node_modules/${path}`;
const version = (name) => JSON.parse(readFileSync(from(`${name}/package.json`), "utf8")).version;

const LANGUAGES = [
  "bash", "c", "cpp", "csharp", "css", "diff", "dockerfile", "go", "ini", "java", "javascript",
  "json", "kotlin", "lua", "makefile", "markdown", "php", "python", "r", "ruby", "rust", "sql",
  "swift", "typescript", "xml", "yaml",
];

rmSync(out, { recursive: true, force: true });
mkdirSync(`${out}/licences`, { recursive: true });

async function module(name, contents) {
  await build({
    stdin: { contents, resolveDir: here, sourcefile: `${name}.js` },
    outfile: `${out}/${name}.js`,
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    legalComments: "none",
    banner: { js: "// Built by `make vendor`; versions and licences stand in LIBRARIES.md beside it." },
  });
}

await module("prose", `
  export { Marked, Lexer, Parser } from "marked";
  export { default as DOMPurify } from "dompurify";
`);
await module("highlight", `
  import hljs from "highlight.js/lib/core";
  ${LANGUAGES.map((name, n) => `import l${n} from "highlight.js/lib/languages/${name}";`).join("\n")}
  ${LANGUAGES.map((name, n) => `hljs.registerLanguage("${name}", l${n});`).join("\n")}
  export default hljs;
`);
await module("katex", `export { default } from "katex";`);

mkdirSync(`${out}/fonts`);
const woff2 = readdirSync(from("katex/dist/fonts")).filter((file) => file.endsWith(".woff2"));
for (const file of woff2) cpSync(from(`katex/dist/fonts/${file}`), `${out}/fonts/${file}`);
const css = readFileSync(from("katex/dist/katex.min.css"), "utf8");
// Only woff2 comes along: every browser that runs the page reads it.
writeFileSync(`${out}/katex.css`, css.replace(/,url\([^)]*\.(woff|ttf)\) format\("[a-z]+"\)/g, ""));

const LETTERS = [
  ["@fontsource-variable/figtree", "figtree-latin-wght-normal"],
  ["@fontsource/source-serif-4", "source-serif-4-latin-400-normal"],
  ["@fontsource/source-serif-4", "source-serif-4-latin-400-italic"],
  ["@fontsource/source-serif-4", "source-serif-4-latin-600-normal"],
];
for (const [name, file] of LETTERS) cpSync(from(`${name}/files/${file}.woff2`), `${out}/fonts/${file}.woff2`);

const LIBRARIES = [
  ["marked", "MIT", "Markdown", "LICENSE"],
  ["dompurify", "Apache-2.0 or MPL-2.0", "sanitising", "LICENSE"],
  ["highlight.js", "BSD-3-Clause", "code, loaded with the first block of code", "LICENSE"],
  ["katex", "MIT", "mathematics, loaded with the first formula", "LICENSE"],
  ["@fontsource-variable/figtree", "OFL-1.1", "the interface's letters", "LICENSE"],
  ["@fontsource/source-serif-4", "OFL-1.1", "the answers' letters", "LICENSE"],
];
const rows = LIBRARIES.map(([name, licence, use, file]) => {
  const plain = name.split("/").at(-1);
  const found = readdirSync(from(name)).find((each) => each.toUpperCase().startsWith(file));
  cpSync(from(`${name}/${found}`), `${out}/licences/${plain}.txt`);
  return `| ${name} | ${version(name)} | ${licence} | ${use} |`;
});
writeFileSync(`${out}/LIBRARIES.md`, `# What the browser chat comes with

Built by \`make vendor\` from \`vendoring/package-lock.json\`; licences are in \`licences/\`.

| Library | Version | Licence | For |
|---|---|---|---|
${rows.join("\n")}
`);

cpSync(from("axe-core/axe.min.js"), `${here}../tests/browser/axe.min.js`);
