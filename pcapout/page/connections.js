// SPDX-License-Identifier: MIT
// connections.js - the list of connections: owner, ends, what is judged of each.

const CONNECTION_HEIGHT = 79;

function span(className, text) {
  const element = document.createElement("span");
  element.className = className;
  element.textContent = text;
  return element;
}

function endsText(socket) {
  return socket.remote ? socket.local + " \u2192 " + socket.remote : socket.local;
}

// The judgement that matters most, else where the connection was last.
function verdictText(socket) {
  const judgement = socket.judgements.find((each) => each.trouble) || socket.judgements[0];
  if (judgement) {
    return judgement.text;
  }
  const changes = socket.rows.filter((row) => row.to);
  return changes.length > 0 ? "last state " + changes[changes.length - 1].to : "";
}

const ORDERS = {
  trouble: (a, b) => b.severity - a.severity || a.id - b.id,
  id: (a, b) => a.id - b.id,
  rows: (a, b) => b.rows.length - a.rows.length || a.id - b.id,
  owner: (a, b) => ownerText(a.owner).localeCompare(ownerText(b.owner)) || a.id - b.id,
};

class Connections {
  constructor(state, scroller, order, count) {
    this.state = state;
    this.scroller = scroller;
    this.count = count;
    this.list = new VirtualList(scroller, CONNECTION_HEIGHT, "option",
      (element, index) => this.fill(element, this.sockets[index]));
    order.addEventListener("change", () => {
      this.sort(order.value);
      this.list.setActive(-1);
    });
    scroller.addEventListener("click", (event) => this.click(event));
    scroller.addEventListener("keydown", (event) => this.key(event));
    this.sort(order.value);
  }

  sort(order) {
    this.sockets = [...this.state.data.sockets.values()].sort(ORDERS[order] || ORDERS.trouble);
    const troubled = this.sockets.filter((socket) => socket.trouble).length;
    this.count.textContent = this.sockets.length.toLocaleString("en") +
      (troubled ? " \u00b7 \u26a0 " + troubled.toLocaleString("en") : "");
    this.count.title = plural(this.sockets.length, "connection") + ", " +
      troubled.toLocaleString("en") + " in trouble";
    this.list.setCount(this.sockets.length);
  }

  // After filtering: a chosen connection is in view, also when it was chosen elsewhere.
  update() {
    const chosen = this.state.connections;
    const [first, last] = this.list.range();
    const inView = this.sockets.slice(first, last).some((socket) => chosen.has(socket.id));
    if (chosen.size > 0 && !inView) {
      this.list.reveal(Math.max(0, this.sockets.findIndex((socket) => chosen.has(socket.id))));
    }
    this.list.draw();
  }

  fill(element, socket) {
    const isChosen = this.state.connections.has(socket.id);
    element.classList.toggle("chosen", isChosen);
    element.classList.toggle("troubled", socket.trouble);
    element.classList.toggle("absent", socket.rows.length === 0);
    element.setAttribute("aria-selected", String(isChosen));
    element.setAttribute("aria-setsize", this.sockets.length);
    element.setAttribute("aria-posinset", Number(element.dataset.index) + 1);
    const first = document.createElement("div");
    first.append(span("number", socket.id), span("name", ownerText(socket.owner) || "no owner"),
      span("role", socket.role + " \u00b7 " + plural(socket.rows.length, "row")));
    const ends = span("ends", endsText(socket));
    const verdict = span("verdict", (socket.trouble ? "\u26a0 " : "") + verdictText(socket));
    element.append(first, ends, verdict);
    element.title = [endsText(socket), ...socket.judgements.map((each) => each.text)].join("\n");
  }

  click(event) {
    const index = VirtualList.indexOf(event);
    if (index >= 0) {
      this.list.setActive(index);
      this.state.chooseConnection(this.sockets[index].id,
        event.ctrlKey || event.metaKey || event.shiftKey);
    }
  }

  key(event) {
    const index = this.list.indexOfKey(event.key);
    if (index >= 0) {
      this.list.setActive(index);
      event.preventDefault();
    } else if ((event.key === "Enter" || event.key === " ") && this.list.active >= 0) {
      this.state.chooseConnection(this.sockets[this.list.active].id, event.key === " ");
      event.preventDefault();
    }
  }
}
