// SPDX-License-Identifier: MIT
// data.js - the rows and sockets of the page, with what the page adds to them.
"use strict";

// Times are ticks of 100 ns since the second of the first row: exact as numbers.
const TICKS_PER_SECOND = 1e7;
const LAYERS = ["app", "stack", "wire", "smb", "process"];
const STATES = ["Closed", "Listen", "SynSent", "SynRcvd", "Established", "FinWait1", "FinWait2",
  "CloseWait", "Closing", "LastAck", "TimeWait"];
const REASONS = {
  "no-socket": "its protocol has no sockets",
  "no-endpoint": "nobody listened; the stack itself answered or dropped it",
  "shared": "several sockets got it",
  "ambiguous": "one of several sockets; which is not known",
  "not-local": "neither end is this machine",
  "no-events": "the trace has no events about sockets",
  "unknown": "not known",
};
const CONFIDENCES = {
  "certain": "certain: a chain of events, and the packet fits or an event matches it",
  "strong": "strong: a chain of events, not checked against the packet",
  "likely": "likely: inferred, the only candidate",
};
const TROUBLE_WHATS = new Set(["rst", "drop", "abort", "retransmit"]);
// Of the SMB client or server, whether or not a status tells of a failure.
const TROUBLE_CONDITIONS = /-(failed|refused|lost|hung|expired|blocked)$|^disconnected$/;
// Would block: an everyday answer, not a failure.
const WOULD_BLOCK = "0xC00000A3";
// How the stack ends every connection, also one that was closed in peace; a real abort
// has rows of its own.
const ENDED = "0xC0000241";

function takeData(id) {
  const element = document.getElementById(id);
  const value = JSON.parse(element.textContent);
  element.remove();
  return value;
}

const secondsSeen = new Map();
let originSecond = NaN;

// Second of "2013-01-08T09:18:57.5078058Z"; most rows share it with the row before.
function secondOf(time) {
  const prefix = time.slice(0, 19);
  let second = secondsSeen.get(prefix);
  if (second === undefined) {
    second = Date.parse(prefix + "Z") / 1000;
    if (secondsSeen.size < 100000) {
      secondsSeen.set(prefix, second);
    }
  }
  return second;
}

function ticksOf(time) {
  const second = secondOf(time);
  if (Number.isNaN(originSecond)) {
    originSecond = second;
  }
  const ticks = (second - originSecond) * TICKS_PER_SECOND + Number(time.slice(20, 27));
  return Number.isFinite(ticks) ? ticks : 0;
}

// Of SMB: a step of an authentication, and the end of a file; warnings are none either.
const SMB_SUCCESSES = ["0xC0000016", "0xC0000011"];

function isFailure(row) {
  const status = row.status;
  if (row.layer === "smb" && status !== undefined) {
    return status[2] >= "C" && !SMB_SUCCESSES.includes(status.slice(0, 10));
  }
  return status !== undefined && status[2] >= "8" && !status.startsWith(WOULD_BLOCK) &&
    !(row.layer === "stack" && row.what === "shutdown" && status.startsWith(ENDED));
}

function isTrouble(row) {
  return TROUBLE_WHATS.has(row.what) || row.impossible === true || isFailure(row) ||
    (row.smb !== undefined && TROUBLE_CONDITIONS.test(row.smb.condition || ""));
}

function ownerName(owner) {
  return owner ? owner.process || "pid " + owner.pid : "";
}

function ownerText(owner) {
  return owner && owner.process ? owner.process + " (" + owner.pid + ")" : ownerName(owner);
}

// `start`, `end`: ticks; end is that of the call, or of the last step folded into the row.
function prepareRow(row, index) {
  row.index = index;
  row.word = row.smb && row.smb.condition ? row.smb.condition : row.what;
  row.start = ticksOf(row.time);
  const last = row.last ? ticksOf(row.last) : row.start;
  row.end = Math.max(row.start, last, row.start + (row.duration_us || 0) * 10);
  row.trouble = isTrouble(row);
  row.words = null;
}

function emptySocket(id) {
  return {id, role: "", local: "", remote: "", judgements: []};
}

const SEVERITIES = ["", "repeated", "slow", "failed"];

function prepareSocket(socket) {
  socket.judgements = socket.judgements || [];
  socket.rows = [];
  socket.trouble = socket.judgements.some((judgement) => judgement.trouble);
  socket.severity = Math.max(0, ...socket.judgements.map((judgement) =>
    SEVERITIES.indexOf(judgement.severity || "")));
  socket.frames = new Set();
  for (const judgement of socket.judgements) {
    if (judgement.trouble && judgement.frame) {
      socket.frames.add(judgement.frame);
    }
  }
}

function joinRows(rows, sockets) {
  for (const row of rows) {
    if (row.connection === undefined) {
      continue;
    }
    let socket = sockets.get(row.connection);
    if (!socket) {
      socket = emptySocket(row.connection);
      prepareSocket(socket);
      sockets.set(socket.id, socket);
    }
    socket.rows.push(row);
    row.trouble = row.trouble || socket.frames.has(row.frame);
    if (!socket.owner && row.owner) {
      socket.owner = row.owner;
    }
  }
}

function loadData() {
  const head = takeData("data-trace");
  const rows = takeData("data-rows");
  const end = takeData("data-end");
  rows.forEach(prepareRow);
  const sockets = new Map();
  for (const socket of end.sockets) {
    if (socket.id > 0) {
      prepareSocket(socket);
      sockets.set(socket.id, socket);
    }
  }
  joinRows(rows, sockets);
  return {title: head.title, trace: head.trace, rows, sockets, end};
}

// What a search looks at, lower case; made when first searched.
function wordsOf(row, sockets) {
  if (row.words === null) {
    const socket = sockets.get(row.connection);
    const owner = row.owner || {};
    const event = row.event || {};
    row.words = [row.text, row.what, row.word, row.layer, row.direction, row.from, row.to,
      row.status,
      row.frame && "frame=" + row.frame, row.connection && "connection=" + row.connection,
      owner.pid && "pid=" + owner.pid, owner.process, owner.path, (owner.services || []).join(" "),
      owner.user, row.reason, event.provider, event.id && "event=" + event.id,
      event.offset && "offset=" + event.offset, socket && socket.local, socket && socket.remote,
    ].filter(Boolean).join(" ").toLowerCase();
  }
  return row.words;
}

// ---- texts ----

function plural(count, one, many) {
  return count.toLocaleString("en") + " " + (count === 1 ? one : many || one + "s");
}

function ticksText(ticks) {
  const size = Math.abs(ticks);
  if (size < 1e4) {
    return (ticks / 10).toFixed(1) + " \u00b5s";
  }
  if (size < 1e7) {
    return (ticks / 1e4).toFixed(3) + " ms";
  }
  return size < 36e9 ? (ticks / 1e7).toFixed(3) + " s" : (ticks / 36e9).toFixed(2) + " h";
}

function dayTime(ticks) {
  const second = Math.floor(ticks / TICKS_PER_SECOND);
  const date = new Date((originSecond + second) * 1000);
  if (Number.isNaN(date.getTime())) {
    return "?";
  }
  const fraction = String(Math.round(ticks - second * TICKS_PER_SECOND)).padStart(7, "0");
  return date.toISOString().slice(0, -5) + "." + fraction;
}

function fullTime(time) {
  return time && time.replace("T", " ").replace("Z", " UTC");
}

function shortTime(time) {
  return time.slice(11, 27);
}
