// Labelled controls, and small helpers to build a page from.

// An id that no other control on the page has, whichever widget made it.
function newId() {
  window.avtutorControls = (window.avtutorControls ?? 0) + 1;
  return `avtutor-control-${window.avtutorControls}`;
}

// element("div", { class: "x", text: "…" }, child, …)
function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") node.textContent = value;
    else if (value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

// A slider over a list of values (`stops`), so that every step is one worth having.
class StopSlider {
  // options: label, stops, value, format(value) -> text, onInput(value), hint
  constructor({ label, stops, value, format, onInput, hint }) {
    this.format = format;
    const id = newId();
    this.input = element("input", {
      id, type: "range", min: 0, step: 1, title: hint, "data-lm-suppress-shortcuts": "true",
    });
    this.output = element("output", { for: id });
    this.node = element("div", { class: "avt-control" },
      element("label", { for: id, text: label, title: hint }), this.output, this.input);
    this.setStops(stops, value);
    this.input.addEventListener("input", () => {
      this.value = this.stops[this.input.valueAsNumber];
      this.tell();
      onInput(this.value);
    });
  }

  // Another list of values, with the nearest of them to `value` chosen.
  setStops(stops, value) {
    this.stops = stops;
    this.input.max = stops.length - 1;
    this.set(value);
  }

  set(value) {
    let nearest = Math.max(0, this.stops.indexOf(value));
    this.stops.forEach((stop, i) => {
      if (Math.abs(stop - value) < Math.abs(this.stops[nearest] - value)) nearest = i;
    });
    this.value = this.stops[nearest];
    this.input.value = nearest;
    this.tell();
  }

  // A value from elsewhere: it becomes a stop if it is none.
  accept(value) {
    this.setStops(withStop(this.stops, value), value);
  }

  tell() {
    const text = this.format(this.value);
    this.output.textContent = text;
    this.input.setAttribute("aria-valuetext", text);
    const share = this.stops.length > 1 ? this.input.valueAsNumber / (this.stops.length - 1) : 0;
    this.input.style.setProperty("--avt-share", `${100 * share}%`);
  }

  disable(disabled) {
    this.input.disabled = disabled;
    this.node.classList.toggle("avt-off", disabled);
  }
}

// The list with `value` put in where it belongs, if it is not there.
function withStop(stops, value) {
  return stops.includes(value) ? stops : [...stops, value].sort((a, b) => a - b);
}

class Choice {
  // options: label, choices ([value, text] pairs), value, onInput(value)
  constructor({ label, choices, value, onInput, hint }) {
    const id = newId();
    this.input = element("select", { id, title: hint, "data-lm-suppress-shortcuts": "true" },
      ...choices.map(([choice, text]) => element("option", { value: choice, text })));
    this.node = element("div", { class: "avt-control" },
      element("label", { for: id, text: label, title: hint }), this.input);
    this.accept(value);
    this.input.addEventListener("change", () => onInput(this.input.value));
  }

  accept(value) {
    this.input.value = value;
  }
}

class Switch {
  constructor({ label, value, onInput, hint }) {
    const id = newId();
    this.input = element("input", {
      id, type: "checkbox", title: hint, "data-lm-suppress-shortcuts": "true",
    });
    this.node = element("div", { class: "avt-switch" }, this.input,
      element("label", { for: id, text: label, title: hint }));
    this.accept(value);
    this.input.addEventListener("change", () => onInput(this.input.checked));
  }

  accept(value) {
    this.input.checked = value;
  }
}

function button(text, label, onClick) {
  const node = element("button", {
    type: "button", text, "aria-label": label, title: label, "data-lm-suppress-shortcuts": "true",
  });
  node.addEventListener("click", onClick);
  return node;
}

// Numbers as people read them.
function formatHz(hz) {
  if (hz >= 9999.5) return `${(hz / 1000).toFixed(1)} kHz`;
  return hz >= 99.95 ? `${hz.toFixed(0)} Hz` : `${hz.toFixed(hz >= 9.995 ? 1 : 2)} Hz`;
}

function formatSeconds(seconds) {
  if (seconds >= 1) return `${seconds.toFixed(2)} s`;
  const ms = seconds * 1000;
  return `${ms.toFixed(ms >= 99.95 ? 0 : ms >= 9.995 ? 1 : 2)} ms`;
}

const formatDb = (db) => `${db < 0 ? "−" : ""}${Math.abs(db).toFixed(1)} dB`;

// low, low + step, …, high
const range = (low, high, step) =>
  Array.from({ length: Math.round((high - low) / step) + 1 }, (_, i) => low + i * step);
