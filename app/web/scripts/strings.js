// The interface's words. One language so far; the browser's is taken when it has a file.

import en from "./strings/en.js";

export const say = en;
