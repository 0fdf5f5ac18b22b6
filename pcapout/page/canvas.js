// SPDX-License-Identifier: MIT
// canvas.js - what both pictures share: sharp pixels, the colours of the style sheet, and
// the way from places to pixels.

const GUTTER = 128; // pixels left of the time, for names
const FONT = "11px system-ui, sans-serif";

let colours = {};

// Again after a change of the theme.
function readColours() {
  const style = getComputedStyle(document.documentElement);
  colours = {};
  for (const name of ["text", "muted", "line", "panel", "shade", "accent", "trouble", "gap",
    ...LAYERS, ...STATES]) {
    colours[name] = style.getPropertyValue("--" + name.toLowerCase()).trim();
  }
}

// Sizes a canvas to its place on the page; returns its context, cleared.
function beginDrawing(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const [columns, rows] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== columns || canvas.height !== rows) {
    canvas.width = columns;
    canvas.height = rows;
    canvas.style.width = width + "px";
    canvas.style.height = height + "px";
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.font = FONT;
  context.textBaseline = "middle";
  return context;
}

// Pixels of a place, as the zoom has it.
class Projection {
  constructor(state, width) {
    this.from = state.from;
    this.left = GUTTER;
    this.factor = Math.max(1, width - GUTTER) / (state.to - state.from);
  }

  x(place) {
    return this.left + (place - this.from) * this.factor;
  }

  place(x) {
    return this.from + (x - this.left) / this.factor;
  }
}

function clipToTime(context, width, height) {
  context.save();
  context.beginPath();
  context.rect(GUTTER, 0, width - GUTTER, height);
  context.clip();
}

// As much of a text as has room, with a mark where it is cut.
function drawCut(context, text, x, y, room) {
  const width = context.measureText(text).width;
  const fits = Math.floor(text.length * room / width) - 1;
  if (width <= room) {
    context.fillText(text, x, y);
  } else if (fits >= 3) {
    context.fillText(text.slice(0, fits) + "\u2026", x, y);
  }
}

function drawSelection(context, state, projection, height) {
  const row = state.selected;
  if (!row || row.place === undefined || state.shown.indexOf(row) < 0) {
    return;
  }
  const x = Math.round(projection.x(row.place)) + 0.5;
  context.strokeStyle = colours.accent;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(x, 0);
  context.lineTo(x, height);
  context.stroke();
}
