// SPDX-License-Identifier: MIT
// main.js - puts the parts together and binds the controls.

const get = (id) => document.getElementById(id);

function writeHead(data) {
  const {trace, end} = data;
  document.title = (data.title || "etwtrail") + " - timeline";
  get("title").textContent = data.title || "Timeline";
  const facts = [];
  if (trace.start) {
    facts.push(trace.start.slice(0, 19).replace("T", " ") +
      (trace.end ? " to " + trace.end.slice(trace.end.slice(0, 10) === trace.start.slice(0, 10) ?
        11 : 0, 19).replace("T", " ") : "") + " UTC");
  }
  get("no-connections").hidden = data.sockets.size > 0;
  const sockets = [...data.sockets.values()];
  const troubled = sockets.filter((socket) => socket.trouble).length;
  facts.push(plural(end.rows, "row"), plural(sockets.length + end.connections_left_out,
    "connection") + (troubled > 0 ? ", " + troubled.toLocaleString("en") + " in trouble" : ""));
  if (trace.events_lost || trace.buffers_lost) {
    facts.push(plural(trace.events_lost || 0, "event") + " and " +
      plural(trace.buffers_lost || 0, "buffer") + " lost while recording");
  }
  get("facts").textContent = facts.join(" \u00b7 ");
  if (end.rows_left_out > 0 || end.connections_left_out > 0) {
    const connections = end.connections_left_out > 0 ?
      plural(end.connections_left_out, "connection") + " too" :
      "the list of connections is whole";
    get("left-out").textContent = "This page holds the first " +
      plural(data.rows.length, "row") + "; " + plural(end.rows_left_out, "later row") +
      " are left out, " + connections +
      ". Make a page of less with --connection, --process, --host, --port, --from or --to.";
    get("left-out").hidden = false;
  }
}

function addOption(select, value, text) {
  const option = document.createElement("option");
  option.value = value;
  option.textContent = text;
  select.append(option);
}

// Names that several processes have can be chosen together.
function fillProcesses(select, rows) {
  const counts = new Map();
  const names = new Map();
  let none = 0;
  for (const row of rows) {
    if (!row.owner) {
      none++;
      continue;
    }
    const text = ownerText(row.owner);
    counts.set(text, (counts.get(text) || 0) + 1);
    if (row.owner.process) {
      names.set(row.owner.process, (names.get(row.owner.process) || new Set()).add(text));
    }
  }
  addOption(select, "", "All processes");
  for (const name of [...names.keys()].sort()) {
    if (names.get(name).size > 1) {
      addOption(select, name, name + ", all " + names.get(name).size);
    }
  }
  for (const text of [...counts.keys()].sort()) {
    addOption(select, text, text + ": " + plural(counts.get(text), "row"));
  }
  if (none > 0) {
    addOption(select, NO_OWNER, "No owner: " + plural(none, "row"));
  }
}

function fillLayers(fieldset, rows, onchange) {
  const used = new Set(rows.map((row) => row.layer));
  for (const layer of LAYERS.filter((each) => used.has(each))) {
    const label = document.createElement("label");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.value = layer;
    box.addEventListener("change", onchange);
    label.className = "layer-" + layer;
    label.append(box, layer);
    fieldset.append(label);
  }
}

class Page {
  constructor(data) {
    this.state = new State(data);
    this.lanes = new Lanes(this.state, get("lanes"), get("tip"));
    this.bars = new Bars(this.state, get("bars"), get("bars-canvas"), get("bars-height"),
      get("legend"));
    this.connections = new Connections(this.state, get("list"), get("order"),
      get("connection-count"));
    this.table = new Table(this.state, get("table"), get("rows"), get("time-mode"), this.lanes);
    this.details = new Details(this.state, get("details"), get("details-body"), get("copy"),
      get("close-details"));
    fillStrangers(this.state, get("strangers"));
    fillProcesses(get("process"), data.rows);
    fillLayers(get("layers"), data.rows, () => this.readControls());
    this.bindFilters();
    this.bindPicture();
    this.bindTheme();
    document.addEventListener("keydown", (event) => this.key(event));
    this.state.listen((what) => this.update(what));
    addEventListener("hashchange", () => this.state.readHash());
    this.state.readHash();
  }

  // ---- what follows a change ----

  update(what) {
    if (what === "filter") {
      this.showControls();
      this.bars.update();
      this.connections.update();
    }
    if (what !== "selection") {
      this.table.update();
      this.writeRange();
      this.writeCount();
    }
    if (what !== "zoom") {
      this.table.showSelection();
      this.details.update();
    }
    this.lanes.drawSoon();
    this.bars.draw();
  }

  writeCount() {
    const {inTable, data} = this.state;
    const all = plural(data.rows.length, "row");
    get("count").textContent = inTable.length === data.rows.length ? all :
      inTable.length.toLocaleString("en") + " of " + all;
    get("clear").disabled = !this.state.isFiltered();
    get("empty").hidden = inTable.length > 0;
    get("empty").textContent = this.emptyText();
  }

  // A connection whose rows are all behind the end of the page is in the list without rows.
  emptyText() {
    if (this.state.data.rows.length === 0) {
      return "Nothing in the trace belongs to this timeline. What the trace holds: etwtrail info " +
        Details.traceName(this.state.data);
    }
    const ids = [...this.state.connections];
    const isAbsent = ids.length > 0 && ids.every((id) => {
      const socket = this.state.data.sockets.get(id);
      return socket && socket.rows.length === 0;
    });
    return isAbsent ? "The rows of this connection are not in this page. To see them: " +
      "etwtrail timeline " + Details.traceName(this.state.data) +
      ids.map((id) => " --connection " + id).join("") + " --format html" :
      "No row passes the filters.";
  }

  writeRange() {
    const {from, to, scale, shown} = this.state;
    if (shown.length === 0) {
      get("range").textContent = "";
      return;
    }
    const first = scale.ticksAt(Math.max(0, from));
    const last = scale.ticksAt(Math.min(scale.length, to));
    get("range").textContent = dayTime(Math.round(first)).replace("T", " ") + " UTC, " +
      ticksText(Math.round(last - first));
  }

  // ---- controls ----

  bindFilters() {
    const form = get("filters");
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", (event) => {
      event.preventDefault();
      this.state.forget();
      this.state.filter();
    });
    get("process").addEventListener("change", () => this.readControls());
    get("trouble").addEventListener("change", () => this.readControls());
    let waiting = 0;
    get("text").addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => this.readControls(), 120);
    });
  }

  layerBoxes() {
    return [...get("layers").querySelectorAll("input")];
  }

  readControls() {
    const off = this.layerBoxes().filter((box) => !box.checked).map((box) => box.value);
    this.state.text = get("text").value;
    this.state.process = get("process").value;
    this.state.trouble = get("trouble").value;
    this.state.layers = new Set(LAYERS.filter((layer) => !off.includes(layer)));
    this.state.filter();
  }

  showControls() {
    const {text, process, trouble, layers} = this.state;
    if (get("text").value.trim() !== text.trim()) {
      get("text").value = text;
    }
    get("process").value = process;
    get("trouble").value = trouble;
    for (const box of this.layerBoxes()) {
      box.checked = layers.has(box.value);
    }
  }

  bindPicture() {
    const {state} = this;
    const bind = (id, action) => get(id).addEventListener("click", action);
    bind("zoom-in", () => state.zoomBy(0.5));
    bind("zoom-out", () => state.zoomBy(2));
    bind("zoom-all", () => state.zoomTo(-Infinity, Infinity));
    bind("next-trouble", () => state.nextTrouble(1));
    bind("previous-trouble", () => state.nextTrouble(-1));
    bind("help", () => get("keys").showModal());
    get("compress").checked = state.isCompressed;
    get("follow").checked = state.isFollowing;
    get("compress").addEventListener("change", () => {
      state.isCompressed = get("compress").checked;
      state.rescale();
      state.tell("zoom");
    });
    get("follow").addEventListener("change", () => {
      state.isFollowing = get("follow").checked;
      state.fillTable();
      state.tell("zoom");
    });
  }

  // ---- theme ----

  bindTheme() {
    const dark = matchMedia("(prefers-color-scheme: dark)");
    let chosen = null;
    const show = () => {
      const theme = chosen || (dark.matches ? "dark" : "light");
      document.documentElement.dataset.theme = theme;
      get("theme").textContent = theme === "dark" ? "Light" : "Dark";
      readColours();
      this.lanes.drawSoon();
      this.bars.draw();
    };
    dark.addEventListener("change", show);
    get("theme").addEventListener("click", () => {
      chosen = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
      show();
    });
    show();
  }

  // ---- keys ----

  key(event) {
    const isTyping = event.target.matches("input[type=search], select");
    if (event.ctrlKey || event.metaKey || event.altKey || get("keys").open ||
        (isTyping && event.key !== "Escape")) {
      return;
    }
    const actions = {
      "/": () => get("text").focus(),
      "?": () => get("keys").showModal(),
      "n": () => this.state.nextTrouble(1),
      "N": () => this.state.nextTrouble(-1),
      "+": () => this.state.zoomBy(0.5),
      "-": () => this.state.zoomBy(2),
      "0": () => this.state.zoomTo(-Infinity, Infinity),
      "Escape": () => this.escape(event.target),
    };
    if (actions[event.key]) {
      actions[event.key]();
      event.preventDefault();
    }
  }

  escape(target) {
    if (target.matches("input, select")) {
      target.blur();
    } else if (this.state.selected) {
      this.state.select(null);
      get("table").focus();
    } else if (this.state.connections.size > 0) {
      this.state.connections.clear();
      this.state.filter();
    }
  }
}

const pageData = loadData();
writeHead(pageData);
const page = new Page(pageData);
