// SPDX-License-Identifier: MIT
// table.js - the rows under the lanes.

const ROW_HEIGHT = 24;
const CONFIDENCE_MARKS = {certain: "\u25cf", strong: "\u25d0", likely: "\u25cb"};

class Table {
  constructor(state, grid, scroller, timeMode, lanes) {
    this.state = state;
    this.grid = grid;
    this.lanes = lanes;
    this.list = new VirtualList(scroller, ROW_HEIGHT, "row",
      (element, index) => this.fill(element, index));
    this.list.ondraw = () => this.tellLanes(scroller);
    scroller.addEventListener("click", (event) => {
      const index = VirtualList.indexOf(event);
      if (index >= 0) {
        state.select(state.inTable[index]);
      }
    });
    grid.addEventListener("keydown", (event) => this.key(event));
    timeMode.addEventListener("click", () => {
      state.isRelative = !state.isRelative;
      timeMode.textContent = state.isRelative ? "Time (s)" : "Time (UTC)";
      state.tell("zoom");
    });
  }

  update() {
    this.grid.setAttribute("aria-rowcount", this.state.inTable.length + 1);
    this.list.active = this.state.selected ? this.state.inTable.indexOf(this.state.selected) : -1;
    this.list.setCount(this.state.inTable.length);
  }

  showSelection() {
    const index = this.state.selected ? this.state.inTable.indexOf(this.state.selected) : -1;
    this.list.setActive(index, this.grid);
  }

  // The lanes shade the time of the rows in view.
  tellLanes(scroller) {
    const rows = this.state.inTable;
    const first = rows[Math.floor(scroller.scrollTop / ROW_HEIGHT)];
    const end = Math.ceil((scroller.scrollTop + scroller.clientHeight) / ROW_HEIGHT);
    this.lanes.tableRange = first ? [first, rows[Math.min(end, rows.length) - 1]] : null;
    this.lanes.drawSoon();
  }

  timeText(row) {
    const ticks = row.start - this.state.data.rows[0].start;
    return this.state.isRelative ? (ticks / TICKS_PER_SECOND).toFixed(7) : shortTime(row.time);
  }

  fill(element, index) {
    const row = this.state.inTable[index];
    const before = this.state.inTable[index - 1];
    element.setAttribute("aria-rowindex", index + 2);
    element.setAttribute("aria-selected", String(row === this.state.selected));
    element.classList.toggle("troubled", row.trouble);
    const cell = (className, value) => {
      const made = span(className, value);
      made.setAttribute("role", "gridcell");
      element.append(made);
      return made;
    };
    cell("time", this.timeText(row)).title = row.time;
    cell("delta", before ? "+" + ticksText(row.start - before.start) : "");
    cell("layer layer-" + row.layer, row.layer);
    cell("what", row.what);
    cell("connection", row.connection || "");
    cell("frame", row.frame || "");
    const owner = cell("owner", "");
    if (row.owner) {
      const mark = span("confidence", CONFIDENCE_MARKS[row.confidence] || "");
      mark.title = CONFIDENCES[row.confidence] || "";
      owner.append(mark, ownerText(row.owner));
    } else {
      owner.append(span("reason", row.reason || ""));
    }
    const text = cell("text", row.text);
    text.title = row.text;
    if (row.count > 1) {
      text.append(span("times", "\u00d7 " + row.count.toLocaleString("en")));
    }
  }

  key(event) {
    if (event.target.closest("button")) {
      return;
    }
    const index = this.list.indexOfKey(event.key);
    if (index >= 0) {
      this.state.select(this.state.inTable[index]);
      event.preventDefault();
    } else if (event.key === "Enter" && this.state.selected) {
      document.getElementById("details-body").focus();
      event.preventDefault();
    }
  }
}
