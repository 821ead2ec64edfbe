// Versions of a conversation. Editing a question or asking again keeps what was: the conversation's
// beginning is copied into a new one, whose metadata says whose branch it is and from which turn.
//
//   metadata: title, branch_of (a conversation), branch_turn (the first turn that differs), root
//
// Any client of the API can read and write them. Pure.

export const rootOf = (conversation) => conversation.metadata?.root ?? conversation.id;

const turnOf = (conversation) => Number(conversation.metadata?.branch_turn ?? -1);

/** The metadata of a branch of `of` at `turn`: of the version in whose own part that turn lies. */
export function branch(of, turn, family, title) {
  let owner = of;
  while (owner.metadata?.branch_of && turn <= turnOf(owner)) {
    const up = family.find((each) => each.id === owner.metadata.branch_of);
    if (!up) break;
    owner = up;
  }
  return { title, branch_of: owner.id, branch_turn: String(turn), root: rootOf(of) };
}

/** turn -> {ids, at}: the versions to choose from along this conversation. */
export function versions(conversation, family) {
  const found = new Map();
  let node = conversation, from = null;
  for (let steps = 0; node && steps < 100; steps += 1) {
    const limit = from ? turnOf(from) : Infinity;
    for (const child of family) {
      const turn = turnOf(child);
      if (child.metadata?.branch_of !== node.id || turn > limit || found.has(turn)) continue;
      // A conversation is older than its branches; these may be of one second, and the family has the newest first.
      const branches = family.filter((each) => each.metadata?.branch_of === node.id && turnOf(each) === turn)
        .reverse().sort((a, b) => a.created_at - b.created_at);
      const ids = [node, ...branches].map((each) => each.id);
      found.set(turn, { ids, at: ids.indexOf(turn === limit ? from.id : node.id) });
    }
    from = node;
    node = family.find((each) => each.id === node.metadata?.branch_of);
  }
  return found;
}

/** Conversations, newest first -> families: the newest of each stands for all. */
export function families(conversations) {
  const byRoot = new Map();
  for (const each of conversations) {
    const root = rootOf(each);
    if (byRoot.has(root)) byRoot.get(root).members.push(each);
    else byRoot.set(root, { root, newest: each, members: [each] });
  }
  return [...byRoot.values()];
}
