// SPDX-License-Identifier: MIT
// virtual_list.js - a list of which only the items in view are elements. Items have one
// height; the element that scrolls is focused and says which item is active.

class VirtualList {
  // `fill` makes the content of an item: fill(element, index).
  constructor(scroller, height, role, fill) {
    this.scroller = scroller;
    this.height = height;
    this.role = role;
    this.fill = fill;
    this.count = 0;
    this.active = -1;
    this.inner = document.createElement("div");
    this.inner.className = "inner";
    this.inner.setAttribute("role", "presentation");
    scroller.append(this.inner);
    scroller.addEventListener("scroll", () => this.draw());
    new ResizeObserver(() => this.draw()).observe(scroller);
  }

  setCount(count) {
    this.count = count;
    this.inner.style.height = count * this.height + "px";
    this.draw();
  }

  range() {
    const top = this.scroller.scrollTop;
    const first = Math.max(0, Math.floor(top / this.height) - 4);
    const rows = Math.ceil(this.scroller.clientHeight / this.height) + 8;
    return [first, Math.min(this.count, first + rows)];
  }

  draw() {
    const [first, last] = this.range();
    const items = [];
    for (let i = first; i < last; i++) {
      items.push(this.item(i));
    }
    this.inner.replaceChildren(...items);
    if (this.ondraw) {
      this.ondraw();
    }
  }

  item(index) {
    const element = document.createElement("div");
    element.className = "item";
    element.setAttribute("role", this.role);
    element.id = this.scroller.id + "-" + index;
    element.dataset.index = index;
    element.style.top = index * this.height + "px";
    element.style.height = this.height + "px";
    element.classList.toggle("active", index === this.active);
    this.fill(element, index);
    return element;
  }

  // `focus` is the element that has the keyboard, when it is another than the scroller.
  setActive(index, focus = this.scroller) {
    this.active = index;
    if (index >= 0) {
      this.reveal(index);
    }
    this.draw();
    if (index >= 0) {
      focus.setAttribute("aria-activedescendant", this.scroller.id + "-" + index);
    } else {
      focus.removeAttribute("aria-activedescendant");
    }
  }

  // A step of one item scrolls as little as it can; a leap ends in the middle.
  reveal(index) {
    const top = index * this.height;
    const view = this.scroller.clientHeight;
    const above = this.scroller.scrollTop - top;
    const below = top + this.height - this.scroller.scrollTop - view;
    if (Math.max(above, below) > 2 * this.height) {
      this.scroller.scrollTop = top - (view - this.height) / 2;
    } else if (above > 0) {
      this.scroller.scrollTop = top;
    } else if (below > 0) {
      this.scroller.scrollTop += below;
    }
  }

  // The item that a key leads to, or -1.
  indexOfKey(key) {
    const page = Math.max(1, Math.floor(this.scroller.clientHeight / this.height) - 1);
    const moves = {ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page,
      Home: -Infinity, End: Infinity};
    if (!(key in moves) || this.count === 0) {
      return -1;
    }
    const start = this.active < 0 && moves[key] > 0 ? this.active + 1 - moves[key] : this.active;
    return Math.min(Math.max(Math.max(start, -1) + moves[key], 0), this.count - 1);
  }

  // Index of the item that an event is about, or -1.
  static indexOf(event) {
    const item = event.target.closest(".item");
    return item ? Number(item.dataset.index) : -1;
  }
}
