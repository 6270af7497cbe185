// Canvases that are sharp on any screen, and axes with ticks and units.

// A canvas over a part of the figure; `begin` clears it and returns its context in CSS pixels.
class Sheet {
  constructor(className) {
    this.canvas = element("canvas", { class: className, "aria-hidden": "true" });
    this.context = this.canvas.getContext("2d");
    this.width = this.height = 0;
  }

  resize(width, height) {
    const ratio = window.devicePixelRatio || 1;
    if (width === this.width && height === this.height && ratio === this.ratio) return;
    [this.width, this.height, this.ratio] = [width, height, ratio];
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
  }

  begin(theme) {
    const { context, ratio } = this;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    context.font = `11px ${theme.font}`;
    context.fillStyle = theme.text;
    context.strokeStyle = theme.line;
    context.lineWidth = 1;
    context.lineJoin = "round";
    return context;
  }
}

// The colours that the page gives, read where something is drawn.
function readTheme(root) {
  const style = getComputedStyle(root);
  const read = (name) => style.getPropertyValue(name).trim();
  return {
    font: style.fontFamily,
    text: read("--avt-text"),
    strong: read("--avt-strong"),
    line: read("--avt-line"),
    ground: read("--avt-ground"),
    wave: read("--avt-wave"),
    accent: read("--avt-accent"),
    second: read("--avt-second"),
    third: read("--avt-third"),
    fill: read("--avt-fill"),
  };
}

// Round values from `low` to `high`, about `count` of them, 1, 2 or 5 apart.
function roundTicks(low, high, count) {
  const raw = (high - low) / Math.max(count, 1);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw * 0.999);
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) ticks.push(i * step);
  return { ticks, decimals: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) };
}

const minus = (text) => text.replace("-", "−");

// Ticks and labels under a plot. at(value) -> x.
function drawBottomAxis(context, theme, { left, right, y, low, high, at, label, spacing = 80 }) {
  const { ticks, decimals } = roundTicks(low, high, (right - left) / spacing);
  context.textAlign = "center";
  context.textBaseline = "top";
  context.fillStyle = theme.text;
  const labelWidth = context.measureText(label).width;
  context.beginPath();
  for (const tick of ticks) {
    const x = Math.round(at(tick)) + 0.5;
    context.moveTo(x, y);
    context.lineTo(x, y + 4);
    const text = minus(tick.toFixed(decimals));
    if (x + context.measureText(text).width / 2 < right - labelWidth - 6) {
      context.fillText(text, x, y + 6);
    }
  }
  context.stroke();
  context.textAlign = "right";
  context.fillText(label, right, y + 6);
}

// Ticks and labels at the left of a plot. ticks: [value, text] pairs; at(value) -> y.
function drawLeftAxis(context, theme, { x, ticks, at }) {
  context.textAlign = "right";
  context.textBaseline = "middle";
  context.fillStyle = theme.text;
  context.beginPath();
  for (const [value, text] of ticks) {
    const y = Math.round(at(value)) + 0.5;
    context.moveTo(x - 4, y);
    context.lineTo(x, y);
    context.fillText(text, x - 7, y);
  }
  context.stroke();
}

// The lowest and highest sample in each column of pixels, as one shape.
function drawEnvelope(context, samples, { left, width, middle, scale, first, last, colour }) {
  const perPixel = (last - first) / width;
  context.fillStyle = context.strokeStyle = colour;
  if (perPixel < 2) {
    context.lineWidth = 1.25;
    context.beginPath();
    const from = Math.max(0, Math.floor(first) - 1);
    const to = Math.min(samples.length - 1, Math.ceil(last) + 1);
    for (let i = from; i <= to; i++) {
      context.lineTo(left + (i - first) / perPixel, middle - scale * samples[i]);
    }
    context.stroke();
    context.lineWidth = 1;
    return;
  }
  for (let x = 0; x < width; x++) {
    const from = Math.max(0, Math.floor(first + x * perPixel));
    const to = Math.min(samples.length, Math.ceil(first + (x + 1) * perPixel));
    if (from >= to) continue;
    let low = Infinity, high = -Infinity;
    for (let i = from; i < to; i++) {
      if (samples[i] < low) low = samples[i];
      if (samples[i] > high) high = samples[i];
    }
    const top = middle - scale * high;
    context.fillRect(left + x, top, 1, Math.max(1, scale * (high - low)));
  }
}
