// SPDX-License-Identifier: MIT
// lanes.js - the swimlanes: an axis, and a lane for each layer that has rows. A row is a
// mark, with a bar as long as its call or its repetition took.

const AXIS_HEIGHT = 36;
const LANE_HEIGHT = 44;
const MARK = 4; // pixels from the middle of a mark to its edge
const NEAR = 7; // pixels from a mark that still mean it
const MARK_ROOM = 3; // pixels for each row; where there is less, columns say how many there are
const COLUMN = 4; // pixels
const LANE_NAMES = {app: "Application", stack: "Stack", wire: "Wire", smb: "SMB",
  process: "Processes"};

class Lanes {
  constructor(state, canvas, tip) {
    this.state = state;
    this.canvas = canvas;
    this.tip = tip;
    this.layers = LAYERS.filter((layer, i) => i < 3 ||
      state.data.rows.some((row) => row.layer === layer));
    this.height = AXIS_HEIGHT + this.layers.length * LANE_HEIGHT;
    this.tableRange = null; // first and last row that the table shows
    canvas.style.height = this.height + "px";
    this.listen();
    new ResizeObserver(() => this.drawSoon()).observe(canvas.parentElement);
  }

  drawSoon() {
    if (!this.isDue) {
      this.isDue = true;
      requestAnimationFrame(() => {
        this.isDue = false;
        this.draw();
      });
    }
  }

  top(layer) {
    return AXIS_HEIGHT + this.layers.indexOf(layer) * LANE_HEIGHT;
  }

  draw() {
    this.width = this.canvas.parentElement.clientWidth;
    const context = beginDrawing(this.canvas, this.width, this.height);
    this.projection = new Projection(this.state, this.width);
    this.drawLanes(context);
    clipToTime(context, this.width, this.height);
    this.drawTableRange(context);
    if (this.state.shown.length > 0) {
      this.drawGaps(context);
      this.drawAxis(context);
      this.drawRows(context);
    }
    drawSelection(context, this.state, this.projection, this.height);
    this.drawDrag(context);
    context.restore();
  }

  drawLanes(context) {
    for (const layer of this.layers) {
      const top = this.top(layer);
      context.fillStyle = colours.line;
      context.fillRect(0, top, this.width, 1);
      context.fillStyle = colours[layer];
      context.fillRect(0, top + 8, 4, LANE_HEIGHT - 15);
      context.font = "600 12px system-ui, sans-serif";
      context.fillText(LANE_NAMES[layer], 12, top + LANE_HEIGHT / 2);
    }
    context.font = FONT;
  }

  drawTableRange(context) {
    const [first, last] = this.tableRange || [];
    if (first) {
      const from = this.projection.x(first.place);
      context.fillStyle = colours.shade;
      context.fillRect(from - 2, AXIS_HEIGHT, this.projection.x(last.place) - from + 4,
        this.height - AXIS_HEIGHT);
    }
  }

  // Gaps that have room for it carry their length.
  drawGaps(context) {
    const {from, to, scale} = this.state;
    context.textAlign = "center";
    scale.gaps(from, to, (ticks, first, last) => {
      const x = this.projection.x(first);
      const width = this.projection.x(last) - x;
      if (width >= 50 && scale.isCompressed) {
        this.drawGap(context, ticksText(ticks), x, width);
      }
    });
    context.textAlign = "left";
  }

  drawGap(context, text, x, width) {
    const half = context.measureText(text).width / 2 + 5;
    const y = AXIS_HEIGHT - 8;
    if (2 * half <= width) {
      context.fillStyle = colours.gap;
      context.fillRect(x + 3, y, width / 2 - half - 3, 1);
      context.fillRect(x + width / 2 + half, y, width / 2 - half - 3, 1);
      context.fillStyle = colours.muted;
      context.fillText(text, x + width / 2, y);
    }
  }

  tickText(ticks, base) {
    if (this.state.isRelative) {
      return ((ticks - base) / TICKS_PER_SECOND).toFixed(7).replace(/\.?0+$/, "") + " s";
    }
    return dayTime(ticks).slice(11).replace(/\.?0+$/, "");
  }

  drawAxis(context) {
    const {from, to, scale, data} = this.state;
    const base = this.state.isRelative && data.rows.length ? data.rows[0].start : 0;
    const count = Math.max(2, Math.floor((this.width - GUTTER) / 130));
    let end = -Infinity;
    for (const ticks of axisTicks(scale, from, to, count, base)) {
      const x = Math.round(this.projection.x(scale.placeOf(ticks))) + 0.5;
      const text = this.tickText(ticks, base);
      const width = context.measureText(text).width;
      if (x < end || x + width + 3 > this.width) {
        continue;
      }
      context.fillStyle = colours.line;
      context.fillRect(x, 14, 1, this.height);
      context.fillStyle = colours.muted;
      context.fillText(text, x + 3, 10);
      end = x + width + 14;
    }
  }

  // ---- rows ----

  isInView(row) {
    return row.endPlace >= this.state.from && row.place <= this.state.to;
  }

  drawRows(context) {
    this.isDense = this.layers.map(() => false);
    const counts = this.layers.map(() => 0);
    for (const row of this.state.shown) {
      const lane = this.layers.indexOf(row.layer);
      if (lane >= 0 && this.isInView(row)) {
        counts[lane]++;
      }
    }
    counts.forEach((count, lane) => {
      this.isDense[lane] = count * MARK_ROOM > this.width - GUTTER;
      if (this.isDense[lane]) {
        this.drawColumns(context, lane);
      }
    });
    this.drawMarks(context);
    this.drawLabels(context, this.layers.map(() => null));
  }

  // The taller the more rows, by the logarithm; the part of trouble from below.
  drawColumns(context, lane) {
    const layer = this.layers[lane];
    const bins = Math.ceil((this.width - GUTTER) / COLUMN) + 1;
    const counts = [new Uint32Array(bins), new Uint32Array(bins)];
    for (const row of this.state.shown) {
      if (row.layer === layer && row.place >= this.state.from && row.place <= this.state.to) {
        const bin = Math.floor((this.projection.x(row.place) - GUTTER) / COLUMN);
        counts[0][bin]++;
        counts[1][bin] += Number(row.trouble);
      }
    }
    const most = Math.log1p(counts[0].reduce((a, b) => Math.max(a, b), 1));
    const bottom = this.top(layer) + LANE_HEIGHT - 3;
    for (let bin = 0; bin < bins; bin++) {
      const height = (LANE_HEIGHT - 8) * Math.log1p(counts[0][bin]) / most;
      const x = GUTTER + bin * COLUMN;
      context.fillStyle = colours[layer];
      context.fillRect(x, bottom - height, COLUMN - 1, height);
      if (counts[1][bin] > 0) {
        const part = Math.max(3, height * counts[1][bin] / counts[0][bin]);
        context.fillStyle = colours.trouble;
        context.fillRect(x, bottom - part, COLUMN - 1, part);
      }
    }
  }

  // Where many rows share a pixel, one mark stands for them; trouble stands on top.
  drawMarks(context) {
    const seen = new Uint8Array(this.layers.length * (this.width + 1));
    for (const isTroubled of [false, true]) {
      seen.fill(0);
      for (const row of this.state.shown) {
        const lane = this.layers.indexOf(row.layer);
        if (lane < 0 || this.isDense[lane] || row.trouble !== isTroubled || !this.isInView(row)) {
          continue;
        }
        const x = this.projection.x(row.place);
        const key = lane * (this.width + 1) + Math.max(0, Math.round(x));
        const width = this.projection.x(row.endPlace) - x;
        if (!seen[key] || width > 2) {
          this.drawRow(context, row, x, width);
        }
        seen[key] = 1;
      }
    }
  }

  drawRow(context, row, x, width) {
    const y = this.top(row.layer) + LANE_HEIGHT - 13;
    context.fillStyle = row.trouble ? colours.trouble : colours[row.layer];
    if (width > 2) {
      context.globalAlpha = 0.35;
      context.fillRect(Math.max(x, GUTTER), y - 3, Math.min(x + width, this.width) -
        Math.max(x, GUTTER), 6);
      context.globalAlpha = 1;
    }
    context.beginPath();
    Lanes.tracePath(context, row, x, y);
    context.fill();
    if (row === this.state.selected) {
      context.strokeStyle = colours.accent;
      context.lineWidth = 2;
      context.beginPath();
      context.arc(x, y, MARK + 4, 0, 2 * Math.PI);
      context.stroke();
    }
  }

  // Packets point up when they leave and down when they come, and are squares when neither is
  // known; states are diamonds, calls are dots.
  static tracePath(context, row, x, y) {
    if (row.direction === "unknown") {
      context.rect(x - MARK, y - MARK, 2 * MARK, 2 * MARK);
    } else if (row.layer === "wire") {
      const tip = row.direction === "in" ? MARK + 1 : -MARK - 1;
      context.moveTo(x - MARK, y - tip + tip / 5);
      context.lineTo(x + MARK, y - tip + tip / 5);
      context.lineTo(x, y + tip);
    } else if (row.to) {
      context.moveTo(x - MARK - 1, y);
      context.lineTo(x, y - MARK - 1);
      context.lineTo(x + MARK + 1, y);
      context.lineTo(x, y + MARK + 1);
    } else {
      context.arc(x, y, MARK - 0.5, 0, 2 * Math.PI);
    }
  }

  // Of rows that are close together the first, or the first one of trouble, is told above
  // its mark: by one word at least, by more where there is room before the next ones.
  drawLabels(context, waiting) {
    for (const row of this.state.shown) {
      const lane = this.layers.indexOf(row.layer);
      if (lane < 0 || this.isDense[lane] || row.place < this.state.from ||
          row.place > this.state.to) {
        continue;
      }
      const x = this.projection.x(row.place);
      const before = waiting[lane];
      const room = before && (row.trouble && !before.row.trouble ? NEAR : before.room);
      if (before && x - before.x > room) {
        this.drawLabel(context, before, x);
        waiting[lane] = null;
      }
      if (!waiting[lane]) {
        waiting[lane] = {row, x, room: context.measureText(row.word).width + 8};
      } else if (row.trouble && !waiting[lane].row.trouble) {
        waiting[lane].row = row;
      }
    }
    waiting.forEach((label) => label && this.drawLabel(context, label, this.width));
  }

  drawLabel(context, {row, x}, end) {
    const room = end - x - 6;
    const isLong = room > 2 * context.measureText(row.word).width;
    context.fillStyle = row.trouble ? colours.trouble : colours.text;
    drawCut(context, isLong ? row.text : row.word, x - MARK, this.top(row.layer) + 14, room);
  }

  // ---- mouse ----

  // The row that a point means: the nearest mark, else the shortest bar under it.
  rowAt(x, y) {
    const layer = this.layers[Math.floor((y - AXIS_HEIGHT) / LANE_HEIGHT)];
    if (!layer || x < GUTTER) {
      return null;
    }
    const place = this.projection.place(x);
    let best = null;
    let distance = NEAR;
    let bar = null;
    for (const row of this.state.shown) {
      if (row.layer !== layer) {
        continue;
      }
      const away = Math.abs(this.projection.x(row.place) - x);
      if (away < distance || (away === distance && best && row.trouble && !best.trouble)) {
        best = row;
        distance = away;
      }
      if (row.place <= place && row.endPlace >= place &&
          (!bar || row.endPlace - row.place < bar.endPlace - bar.place)) {
        bar = row;
      }
    }
    return best || bar;
  }

  listen() {
    const canvas = this.canvas;
    canvas.addEventListener("wheel", (event) => this.wheel(event), {passive: false});
    canvas.addEventListener("pointerdown", (event) => this.press(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerup", (event) => this.release(event));
    canvas.addEventListener("pointerleave", () => this.showTip(null));
    canvas.addEventListener("dblclick", (event) =>
      this.state.zoomBy(0.4, this.projection.place(event.offsetX)));
    canvas.addEventListener("keydown", (event) => this.key(event));
  }

  wheel(event) {
    event.preventDefault();
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      this.state.moveBy((event.deltaX || event.deltaY) / this.width);
    } else {
      this.state.zoomBy(Math.pow(1.0015, event.deltaY), this.projection.place(event.offsetX));
    }
  }

  press(event) {
    if (event.button === 0 && event.offsetX >= GUTTER) {
      this.drag = {x: event.offsetX, at: event.offsetX, isRange: event.shiftKey, isMoved: false};
      this.canvas.setPointerCapture(event.pointerId);
    }
  }

  move(event) {
    const drag = this.drag;
    if (!drag) {
      this.showTip(this.rowAt(event.offsetX, event.offsetY), event);
      return;
    }
    drag.isMoved = drag.isMoved || Math.abs(event.offsetX - drag.x) > 3;
    if (drag.isMoved && !drag.isRange) {
      this.state.moveBy((drag.at - event.offsetX) / (this.width - GUTTER));
    }
    drag.at = event.offsetX;
    this.showTip(null);
    this.drawSoon();
  }

  release(event) {
    const drag = this.drag;
    this.drag = null;
    if (drag && drag.isMoved && drag.isRange) {
      const ends = [this.projection.place(drag.x), this.projection.place(drag.at)];
      this.state.zoomTo(Math.min(...ends), Math.max(...ends));
    } else if (drag && !drag.isMoved) {
      const row = this.rowAt(event.offsetX, event.offsetY);
      if (row) {
        this.state.select(row);
      }
    }
    this.drawSoon();
  }

  drawDrag(context) {
    const drag = this.drag;
    if (drag && drag.isRange) {
      context.fillStyle = colours.shade;
      context.fillRect(Math.min(drag.x, drag.at), 0, Math.abs(drag.at - drag.x), this.height);
    }
  }

  showTip(row, event) {
    const tip = this.tip;
    tip.hidden = !row;
    this.canvas.classList.toggle("over", Boolean(row));
    if (row) {
      const times = row.count > 1 ? " \u00d7 " + row.count : "";
      tip.textContent = shortTime(row.time) + "  " + row.text + times +
        (row.connection ? "  [" + row.connection + "]" : "");
      const room = this.width - tip.offsetWidth - 8;
      tip.style.left = Math.max(4, Math.min(event.offsetX + 12, room)) + "px";
      tip.style.top = this.canvas.offsetTop + event.offsetY + 16 + "px";
    }
  }

  key(event) {
    const moves = {ArrowLeft: -0.15, ArrowRight: 0.15};
    if (event.key in moves) {
      this.state.moveBy(moves[event.key]);
      event.preventDefault();
    }
  }
}
