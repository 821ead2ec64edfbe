// The API with a lock in front: when the gateway asks for a key, the reader is asked, once for all
// calls that wait, and the calls are made again.

import { ApiError } from "./api.js";
import { prefs } from "./prefs.js";

/** The same API, which asks for the key when the gateway does, once for all that wait. */
export function asking(api, key) {
  const tried = async (work) => {
    for (let wrong = false; ; wrong = true) {
      const used = prefs.get("key", "");
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 401) throw error;
        if (prefs.get("key", "") === used && !(await key(wrong || Boolean(used)))) throw error;
      }
    }
  };
  return new Proxy(api, {
    get(target, name) {
      const value = target[name];
      if (typeof value !== "function" || name === "key" || name === "respond" || name === "rejoin") return typeof value === "function" ? value.bind(target) : value;
      return (...given) => tried(() => value.apply(target, given));
    },
  });
}
