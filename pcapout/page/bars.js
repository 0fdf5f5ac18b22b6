// SPDX-License-Identifier: MIT
// bars.js - the state bars: for each connection that is shown, its TCP states over the same
// time as the lanes above.

const BAR_HEIGHT = 18;
const BARS_IN_VIEW = 6;

// States of one connection as {state, start, end, inferred, impossible}. The last one lasts
// to the end of the page's time, unless it is Closed.
function statesOf(socket, end) {
  const states = [];
  let last = null;
  for (const row of socket.rows) {
    if (!row.to) {
      continue;
    }
    if (last) {
      last.end = row.start;
    } else if (row.from && row.from !== "Closed") {
      states.push({state: row.from, start: socket.rows[0].start, end: row.start});
    }
    last = {state: row.to, start: row.start, end, isInferred: row.inferred === true,
      isImpossible: row.impossible === true};
    states.push(last);
  }
  if (last && last.state === "Closed") {
    last.end = last.start;
  }
  return states;
}

class Bars {
  constructor(state, scroller, canvas, spacer, legend) {
    Object.assign(this, {state, scroller, canvas, spacer, legend});
    const rows = state.data.rows;
    this.end = rows.reduce((latest, row) => Math.max(latest, row.end), 0);
    this.statesOfSocket = new Map();
    scroller.addEventListener("scroll", () => this.draw());
    canvas.addEventListener("click", (event) => this.click(event));
    new ResizeObserver(() => this.draw()).observe(scroller);
  }

  states(socket) {
    let states = this.statesOfSocket.get(socket.id);
    if (!states) {
      states = statesOf(socket, this.end);
      this.statesOfSocket.set(socket.id, states);
    }
    return states;
  }

  // After filtering: which connections have a bar.
  update() {
    const ids = new Set();
    for (const row of this.state.shown) {
      if (row.connection !== undefined) {
        ids.add(row.connection);
      }
    }
    this.sockets = [...ids].map((id) => this.state.data.sockets.get(id))
      .filter((socket) => this.states(socket).length > 0);
    const height = this.sockets.length * BAR_HEIGHT;
    this.spacer.style.height = height + "px";
    this.scroller.style.height = Math.min(height, BARS_IN_VIEW * BAR_HEIGHT) + "px";
    this.scroller.hidden = height === 0;
    this.writeLegend();
    this.draw();
  }

  writeLegend() {
    const used = new Set();
    for (const socket of this.sockets) {
      this.states(socket).forEach((part) => used.add(part.state));
    }
    this.legend.replaceChildren(...STATES.filter((name) => used.has(name)).map((name) => {
      const item = document.createElement("li");
      item.className = "state-" + name.toLowerCase();
      item.textContent = name;
      return item;
    }));
  }

  draw() {
    if (!this.sockets || this.scroller.hidden) {
      return;
    }
    const width = this.scroller.clientWidth;
    const height = this.scroller.clientHeight;
    const context = beginDrawing(this.canvas, width, height);
    const projection = new Projection(this.state, this.canvas.parentElement.parentElement
      .clientWidth);
    const top = this.scroller.scrollTop;
    const first = Math.floor(top / BAR_HEIGHT);
    const last = Math.min(this.sockets.length, Math.ceil((top + height) / BAR_HEIGHT));
    for (let i = first; i < last; i++) {
      this.drawBar(context, projection, this.sockets[i], i * BAR_HEIGHT - top, width);
    }
    clipToTime(context, width, height);
    drawSelection(context, this.state, projection, height);
    context.restore();
  }

  drawBar(context, projection, socket, top, width) {
    const isChosen = this.state.selected && this.state.selected.connection === socket.id;
    const name = socket.id + "  " + (ownerName(socket.owner) || socket.role);
    context.fillStyle = socket.trouble ? colours.trouble : isChosen ? colours.accent : colours.text;
    drawCut(context, name, 12, top + BAR_HEIGHT / 2, GUTTER - 16);
    clipToTime(context, width, this.scroller.clientHeight);
    for (const part of this.states(socket)) {
      this.drawState(context, projection, part, top);
    }
    context.restore();
  }

  drawState(context, projection, part, top) {
    const place = (ticks) => this.state.scale.placeOf(ticks);
    const x = Math.max(GUTTER, projection.x(place(part.start)));
    const width = Math.max(2, Math.min(projection.x(place(part.end)), 1e5) - x);
    context.fillStyle = colours[part.state] || colours.muted;
    context.globalAlpha = part.isInferred ? 0.75 : 1;
    context.fillRect(x, top + 2, width, BAR_HEIGHT - 4);
    context.globalAlpha = 1;
    if (part.isImpossible) {
      context.fillStyle = colours.trouble;
      context.fillRect(x - 1, top, 3, BAR_HEIGHT);
    }
    context.fillStyle = "#fff";
    if (width > 24 && width > context.measureText(part.state).width + 10) {
      context.fillText(part.state, x + 5, top + BAR_HEIGHT / 2 + 0.5);
    }
  }

  click(event) {
    const socket = this.sockets[Math.floor((event.offsetY + this.scroller.scrollTop) / BAR_HEIGHT)];
    if (socket) {
      this.state.chooseConnection(socket.id, event.ctrlKey || event.metaKey || event.shiftKey);
    }
  }
}
