// What is done with conversations of the list: new names, removal, files to keep.

import { asJson, asMarkdown, download, fileName } from "./export.js";
import { say } from "./strings.js";
import { turns } from "./turns.js";
import { askRemoval, askTitle } from "./views/dialogs.js";

export async function rename(app, { newest, members }) {
  const title = await askTitle(newest.metadata?.title ?? "");
  if (!title) return;
  for (const each of members) await app.api.updateConversation(each.id, { ...each.metadata, title });
  await app.sidebar.load();
  if (members.some(({ id }) => id === app.conversation.id)) app.conversation.record.metadata.title = title;
  app.title();
  app.tell({ about: "list" });
}

/** All versions of it. */
export async function remove(app, { newest, members }) {
  if (!(await askRemoval(newest.metadata?.title || say.untitled))) return;
  if (members.some(({ id }) => id === app.conversation.id)) {
    await app.conversation.stop();
    await app.go(null);
  }
  for (const each of members) {
    await app.api.deleteConversation(each.id).catch((error) => {
      if (error.status !== 404) throw error;
    });
  }
  await app.sidebar.load();
  app.announcer.say(say.announceRemoved);
  app.tell({ about: "gone", ids: members.map(({ id }) => id) });
}

/** The version that is open, or the newest. */
export async function save(app, { newest, members }, how) {
  const chosen = members.find(({ id }) => id === app.conversation.id) ?? newest;
  const title = chosen.metadata?.title || say.untitled;
  const items = await app.api.items(chosen.id);
  if (how === "json") download(fileName(title, "json"), asJson(chosen, items), "application/json");
  else download(fileName(title, "md"), asMarkdown(title, turns(items)), "text/markdown");
}
