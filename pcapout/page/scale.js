// SPDX-License-Identifier: MIT
// scale.js - from time to place and back. Places are numbers from 0 to `length`; a zoom is a
// range of places, and pixels are made of them by the lanes.
//
// Either places are ticks, or gaps are short: then a gap between two rows takes room by the
// logarithm of its length, so that an hour of silence leaves room for a handshake.

const SHORT_GAP = 100; // ticks: what takes the room of one

class Scale {
  constructor(rows, isCompressed) {
    const times = new Float64Array(rows.length * 2);
    rows.forEach((row, i) => {
      times[2 * i] = row.start;
      times[2 * i + 1] = row.end;
    });
    times.sort();
    this.isCompressed = isCompressed;
    this.knots = [];
    this.places = [];
    for (const time of times) {
      this.addKnot(time);
    }
    if (this.knots.length === 0) {
      this.addKnot(0);
    }
    if (this.knots.length === 1) {
      this.addKnot(this.knots[0] + 1);
    }
    this.length = this.places[this.places.length - 1];
  }

  addKnot(time) {
    const count = this.knots.length;
    if (count === 0) {
      this.knots.push(time);
      this.places.push(0);
      return;
    }
    const gap = time - this.knots[count - 1];
    if (gap > 0) {
      this.knots.push(time);
      this.places.push(this.places[count - 1] +
        (this.isCompressed ? Math.log2(1 + gap / SHORT_GAP) : gap));
    }
  }

  // Index of the last number that is not above `value`, at most the last but one.
  static segment(numbers, value) {
    let low = 0;
    let high = numbers.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (numbers[middle] <= value) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  static between(from, to, value) {
    const i = Scale.segment(from, value);
    const part = (value - from[i]) / (from[i + 1] - from[i]);
    return to[i] + part * (to[i + 1] - to[i]);
  }

  placeOf(ticks) {
    return Scale.between(this.knots, this.places, ticks);
  }

  ticksAt(place) {
    return Scale.between(this.places, this.knots, place);
  }

  // Calls visit(ticks of the gap, its first and last place) for gaps in a range of places.
  gaps(from, to, visit) {
    for (let i = Scale.segment(this.places, from); i + 1 < this.places.length; i++) {
      if (this.places[i] > to) {
        return;
      }
      visit(this.knots[i + 1] - this.knots[i], this.places[i], this.places[i + 1]);
    }
  }
}

// The roundest number of ticks between two, 1, 2 or 5 of a power of ten apart.
function roundTicks(low, high) {
  const size = Math.pow(10, Math.ceil(Math.log10(Math.max(Math.abs(low), Math.abs(high), 1))));
  for (let step = size; step >= 1; step /= 10) {
    for (const part of [1, 0.5, 0.2]) {
      const round = Math.ceil(low / (step * part)) * step * part;
      if (round <= high) {
        return round;
      }
    }
  }
  return low;
}

// Ticks for the axis, about `count` of them, in a range of places; round as seen from `base`.
function axisTicks(scale, from, to, count, base) {
  const marks = [];
  const room = (to - from) / count;
  if (scale.isCompressed) {
    for (let i = 0; i < count; i++) {
      const place = from + (i + 0.5) * room;
      const low = scale.ticksAt(Math.max(0, place - room / 4));
      const high = scale.ticksAt(Math.min(scale.length, place + room / 4));
      marks.push(base + roundTicks(low - base, high - base));
    }
    return marks;
  }
  const size = (scale.ticksAt(to) - scale.ticksAt(from)) / count;
  const power = Math.pow(10, Math.floor(Math.log10(Math.max(size, 1))));
  const step = [1, 2, 5, 10].map((part) => part * power).find((value) => value >= size);
  const first = Math.ceil((scale.ticksAt(from) - base) / step);
  for (let i = 0; i <= count + 1; i++) {
    marks.push(base + (first + i) * step);
  }
  return marks.filter((mark) => mark <= scale.ticksAt(to));
}
