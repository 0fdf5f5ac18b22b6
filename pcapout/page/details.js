// SPDX-License-Identifier: MIT
// details.js - everything about one row, and what it rests on.

class Details {
  constructor(state, panel, body, copy, close) {
    this.state = state;
    this.panel = panel;
    this.body = body;
    close.addEventListener("click", () => state.select(null));
    copy.addEventListener("click", () => this.copy(copy));
  }

  update() {
    const row = this.state.selected;
    this.panel.hidden = !row;
    this.body.replaceChildren();
    if (!row) {
      return;
    }
    this.body.scrollTop = 0;
    this.addText(row.trouble ? "headline troubled" : "headline", row.text);
    this.addTimes(row);
    this.addOwner(row);
    this.addEvidence(row);
    this.addConnection(row);
    this.addCommands(row);
  }

  addText(className, text) {
    const element = document.createElement("p");
    element.className = className;
    element.textContent = text;
    this.body.append(element);
  }

  // A heading and a list of names and values; values that are missing are left out.
  addGroup(title, pairs) {
    const list = document.createElement("dl");
    for (const [name, value, className] of pairs) {
      if (value === undefined || value === null || value === "") {
        continue;
      }
      const term = document.createElement("dt");
      const definition = document.createElement("dd");
      term.textContent = name;
      Details.addBreakable(definition, String(value));
      definition.className = className || "";
      list.append(term, definition);
    }
    const heading = document.createElement("h3");
    heading.textContent = title;
    this.body.append(heading, list);
  }

  // A path may be broken behind each of its folders.
  static addBreakable(element, text) {
    text.split(/(?<=\\)/).forEach((part, i) => {
      if (i > 0) {
        element.append(document.createElement("wbr"));
      }
      element.append(part);
    });
  }

  // As the command line has it; a name that a shell could misread is left to the user.
  static traceName(data) {
    const file = data.trace.file || "";
    return /^\w[\w.-]*$/.test(file) ? file : "TRACE.etl";
  }

  addTimes(row) {
    const rows = this.state.data.rows;
    const socket = this.state.data.sockets.get(row.connection);
    const before = socket && socket.rows[socket.rows.indexOf(row) - 1];
    const frames = row.last_frame ? row.frame + " to " + row.last_frame : row.frame;
    this.addGroup("Step", [
      ["Time", fullTime(row.time)],
      ["Since start", ticksText(row.start - rows[0].start)],
      ["Since last step", before && ticksText(row.start - before.start)],
      ["Layer", LANE_NAMES[row.layer] + ", " + row.word],
      ["Frame", frames],
      ["Direction", row.direction],
      ["State", row.to && (row.from || "?") + " \u2192 " + row.to],
      ["", row.inferred && "inferred: only packets show this state"],
      ["", row.impossible && "impossible: RFC 793 has no such transition", "troubled"],
      ["Folded", row.count > 1 ? plural(row.count, "step") + " until " + fullTime(row.last) : null],
      ["Status", row.status, isFailure(row) ? "troubled" : ""],
      ["Duration", row.duration_us === undefined ? null : ticksText(row.duration_us * 10)],
      ["Dropped", row.drop && (row.drop.reason || "reason " + row.drop.code), "troubled"],
      ["Dropped at", row.drop && row.drop.location],
      ["Dropped by", row.drop && row.drop.component],
      ["Bytes", row.bytes === undefined ? null : row.bytes.toLocaleString("en")],
    ]);
  }

  addOwner(row) {
    const owner = row.owner;
    if (!owner) {
      this.addGroup("Owner", [["None", REASONS[row.reason] || row.reason || "not known"]]);
      return;
    }
    this.addGroup("Owner", [
      ["Process", owner.process],
      ["Process id", owner.pid],
      ["Path", owner.path],
      ["Services", (owner.services || []).join(", ")],
      ["User", owner.user],
      ["Started", fullTime(owner.started)],
      ["Confidence", CONFIDENCES[row.confidence] || row.confidence],
      ...(row.on_behalf_of || []).map((process) => ["For", ownerText(process) +
        (process.confidence === "likely" ? " ?" : "")]),
    ]);
  }

  addConnection(row) {
    const socket = this.state.data.sockets.get(row.connection);
    if (!socket) {
      return;
    }
    this.addGroup("Connection " + socket.id, [
      ["Role", socket.role],
      ["Local", socket.local],
      ["Remote", socket.remote],
      ["Owner", ownerText(socket.owner)],
      ...socket.judgements.map((judgement) => ["Judged", judgement.text +
        (judgement.frame ? " (frame " + judgement.frame + ")" : ""),
      judgement.trouble ? "troubled" : ""]),
    ]);
    const button = document.createElement("button");
    const isOnly = this.state.connections.size === 1 && this.state.connections.has(socket.id);
    button.type = "button";
    button.textContent = isOnly ? "All connections" : "Only this connection";
    button.addEventListener("click", () => this.state.chooseConnection(socket.id, false));
    this.body.append(button);
  }

  addEvidence(row) {
    const event = row.event;
    if (!event) {
      this.addGroup("Evidence", [row.frame ? ["Packet", "frame " + row.frame] :
        ["Event", "none: this step was inferred"]]);
      return;
    }
    const isOther = row.owner && event.header_pid !== undefined &&
      event.header_pid !== row.owner.pid;
    this.addGroup("Evidence", [
      ["Provider", event.provider],
      ["Event", event.id + ", version " + event.version],
      ["Record at", event.offset.toLocaleString("en") + " (0x" + event.offset.toString(16) + ")" +
        (event.file ? " of file " + event.file : "")],
      ["Header claims", event.header_pid === undefined ? null : "process " + event.header_pid +
        (event.header_tid === undefined ? "" : ", thread " + event.header_tid)],
      ["", isOther ? "The header names whoever ran at that moment, not the owner." : null, "note"],
    ]);
  }

  addCommands(row) {
    const trace = Details.traceName(this.state.data);
    this.addGroup("Further", [
      ["Evidence", row.frame && "etwtrail who " + trace + " --frame " + row.frame, "command"],
      ["Its story", row.connection && "etwtrail timeline " + trace + " --connection " +
        row.connection, "command"],
      ["Wireshark", row.frame && "frame.packet_id == " + row.frame, "command"],
    ]);
  }

  copyText() {
    const lines = [];
    for (const element of this.body.querySelectorAll("p, h3, dt, dd")) {
      if (element.tagName === "DD") {
        lines[lines.length - 1] += "\t" + element.textContent;
      } else {
        lines.push((element.tagName === "DT" ? "  " : "") + element.textContent);
      }
    }
    return lines.join("\n") + "\n";
  }

  // A page from a file may not be allowed to use the clipboard.
  copy(button) {
    const say = (text) => {
      button.textContent = text;
      setTimeout(() => {
        button.textContent = "Copy";
      }, 1500);
    };
    const done = navigator.clipboard ? navigator.clipboard.writeText(this.copyText()) :
      Promise.reject(new Error("no clipboard"));
    done.then(() => say("Copied"), () => {
      getSelection().selectAllChildren(this.body);
      say("Selected");
    });
  }
}
