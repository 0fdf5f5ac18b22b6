// SPDX-License-Identifier: MIT
// state.js - what the user has chosen, which rows that shows, and the part of the address
// behind the # that keeps it.

const NO_OWNER = "-";

class State {
  constructor(data) {
    this.data = data;
    this.listeners = [];
    this.shown = []; // rows that pass the filters
    this.inTable = []; // those of them that the table holds
    this.selected = null; // row
    this.isRelative = false;
    this.isFollowing = false;
    this.isCompressed = true;
    this.forget();
  }

  forget() {
    this.text = "";
    this.process = "";
    this.layers = new Set(LAYERS);
    this.trouble = "";
    this.connections = new Set();
  }

  // `what` is "filter", "zoom" or "selection"; each includes those behind it.
  listen(listener) {
    this.listeners.push(listener);
  }

  tell(what) {
    for (const listener of this.listeners) {
      listener(what);
    }
    this.saveHash();
  }

  // ---- filters ----

  matchesProcess(row) {
    if (this.process === "") {
      return true;
    }
    if (!row.owner) {
      return this.process === NO_OWNER;
    }
    return this.process === ownerText(row.owner) || this.process === row.owner.process;
  }

  matchesTrouble(row) {
    if (this.trouble === "rows") {
      return row.trouble;
    }
    const socket = this.data.sockets.get(row.connection);
    return this.trouble === "" || (socket ? socket.trouble : row.trouble);
  }

  matches(row, words) {
    return this.layers.has(row.layer) && this.matchesProcess(row) && this.matchesTrouble(row) &&
      (this.connections.size === 0 || this.connections.has(row.connection)) &&
      words.every((word) => wordsOf(row, this.data.sockets).includes(word));
  }

  isFiltered() {
    return this.text.trim() !== "" || this.process !== "" || this.trouble !== "" ||
      this.connections.size > 0 || this.layers.size < LAYERS.length;
  }

  filter() {
    const words = this.text.toLowerCase().split(/\s+/).filter(Boolean);
    this.shown = this.data.rows.filter((row) => this.matches(row, words));
    if (this.selected && !this.shown.includes(this.selected)) {
      this.selected = null;
    }
    this.rescale();
    this.tell("filter");
  }

  // ---- time ----

  rescale() {
    this.scale = new Scale(this.shown, this.isCompressed);
    for (const row of this.shown) {
      row.place = this.scale.placeOf(row.start);
      row.endPlace = row.end > row.start ? this.scale.placeOf(row.end) : row.place;
    }
    this.showAll();
    this.fillTable();
  }

  showAll() {
    const margin = this.scale.length * 0.02;
    this.from = -margin;
    this.to = this.scale.length + margin;
  }

  fillTable() {
    this.inTable = this.isFollowing ?
      this.shown.filter((row) => row.endPlace >= this.from && row.place <= this.to) : this.shown;
  }

  // Keeps the range inside of what there is.
  zoomTo(from, to) {
    const margin = this.scale.length * 0.02;
    const whole = this.scale.length + 2 * margin;
    const size = Math.min(Math.max(to - from, whole / 1e7), whole);
    this.from = Math.min(Math.max(from, -margin), this.scale.length + margin - size);
    this.to = this.from + size;
    this.fillTable();
    this.tell("zoom");
  }

  zoomBy(factor, around = (this.from + this.to) / 2) {
    this.zoomTo(around - (around - this.from) * factor, around + (this.to - around) * factor);
  }

  moveBy(part) {
    const move = (this.to - this.from) * part;
    this.zoomTo(this.from + move, this.to + move);
  }

  reveal(row) {
    if (row.place < this.from || row.place > this.to) {
      const half = (this.to - this.from) / 2;
      this.zoomTo(row.place - half, row.place + half);
    }
  }

  // ---- choices ----

  select(row) {
    this.selected = row;
    if (row) {
      this.reveal(row);
    }
    this.tell("selection");
  }

  nextTrouble(direction) {
    const rows = this.shown;
    const start = this.selected ? rows.indexOf(this.selected) : direction > 0 ? -1 : rows.length;
    for (let i = start + direction; i >= 0 && i < rows.length; i += direction) {
      if (rows[i].trouble) {
        this.select(rows[i]);
        return true;
      }
    }
    return false;
  }

  chooseConnection(id, isAdded) {
    const wasOnly = this.connections.size === 1 && this.connections.has(id);
    if (!isAdded) {
      this.connections = new Set(wasOnly ? [] : [id]);
    } else if (!this.connections.delete(id)) {
      this.connections.add(id);
    }
    this.filter();
  }

  // ---- address ----

  toHash() {
    const hash = new URLSearchParams();
    const put = (name, value) => value && hash.set(name, value);
    put("text", this.text.trim());
    put("process", this.process);
    put("connection", [...this.connections].join(","));
    put("layer", this.layers.size < LAYERS.length && ([...this.layers].join(",") || "none"));
    put("trouble", this.trouble);
    put("row", this.selected && String(this.selected.index + 1));
    return hash.toString();
  }

  saveHash() {
    const hash = this.toHash();
    if (hash !== location.hash.slice(1)) {
      history.replaceState(null, "", "#" + hash);
    }
  }

  readHash() {
    const hash = new URLSearchParams(location.hash.slice(1));
    const get = (name) => hash.get(name) || "";
    this.forget();
    this.text = get("text");
    this.process = get("process");
    this.trouble = ["connections", "rows"].includes(get("trouble")) ? get("trouble") : "";
    this.connections = new Set(get("connection").split(",").map(Number).filter((id) => id > 0));
    if (get("layer")) {
      this.layers = new Set(get("layer").split(",").filter((name) => LAYERS.includes(name)));
    }
    this.selected = this.data.rows[Number(get("row")) - 1] || null;
    this.filter();
  }
}
