// Bytes of an event stream -> events, as the HTML standard has it. Does no IO.

export class EventReader {
  #rest = "";
  #data = [];

  /** What `text` completes: [{data}], in order. Comments, which keep a connection open, are `null`. */
  feed(text) {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop();
    const events = [];
    for (const line of lines) {
      if (line === "") {
        if (this.#data.length) events.push(JSON.parse(this.#data.join("\n")));
        this.#data = [];
      } else if (line.startsWith(":")) {
        events.push(null);
      } else if (line.startsWith("data:")) {
        this.#data.push(line.slice(line[5] === " " ? 6 : 5));
      }
    }
    return events;
  }
}
