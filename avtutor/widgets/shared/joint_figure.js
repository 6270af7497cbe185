// The map of a joint space: where every item lies on it, and how it is drawn.

const JOINT = { left: 52, right: 10, gap: 8, plot: 400, bottom: 38, margin: 30, glyph: 7 };
JOINT.height = JOINT.gap + JOINT.plot + JOINT.bottom;

// One scale for both axes, so that what is as far apart looks so.
class MapScales {
  // places: [{ x, y }] of all items, in the units of the space
  constructor(width, places) {
    Object.assign(this, { left: JOINT.left, top: JOINT.gap, height: JOINT.plot });
    this.width = Math.max(120, Math.round(width) - JOINT.left - JOINT.right);
    this.right = this.left + this.width;
    this.bottom = this.top + this.height;
    const [xs, ys] = ["x", "y"].map((axis) => places.map((place) => place[axis]));
    const reach = (values) => [Math.min(...values), Math.max(...values)];
    const [[left, right], [low, high]] = [reach(xs), reach(ys)];
    const room = 2 * JOINT.margin;
    this.scale = Math.min((this.width - room) / Math.max(right - left, 1e-9),
      (this.height - room) / Math.max(high - low, 1e-9));
    this.middle = [(left + right) / 2, (low + high) / 2];
  }

  x(value) {
    return this.left + this.width / 2 + (value - this.middle[0]) * this.scale;
  }
  y(value) {
    return this.top + this.height / 2 - (value - this.middle[1]) * this.scale;
  }
  // The values at the edges: [low, high] of x and of y.
  get edges() {
    const { width, height, scale, middle } = this;
    return [[middle[0] - width / 2 / scale, middle[0] + width / 2 / scale],
      [middle[1] - height / 2 / scale, middle[1] + height / 2 / scale]];
  }
}

// What is heard is round, what is seen is square.
function traceGlyph(context, sense, x, y, radius) {
  context.beginPath();
  if (sense === "audio") context.arc(x, y, radius, 0, 2 * Math.PI);
  else context.rect(x - radius, y - radius, 2 * radius, 2 * radius);
}

// Axes, all items, and a line from each sound to its picture.
function drawMapBase(sheet, theme, scales, items, shares, direction) {
  const context = sheet.begin(theme);
  const [horizontal, vertical] = scales.edges;
  const percent = (axis) => `direction ${direction + axis}: ${(100 * shares[axis]).toFixed(0)} % of the variance`;
  context.strokeRect(scales.left + 0.5, scales.top + 0.5, scales.width - 1, scales.height - 1);
  drawBottomAxis(context, theme, {
    left: scales.left, right: scales.right, y: scales.bottom, low: horizontal[0],
    high: horizontal[1], at: (value) => scales.x(value), label: percent(0),
  });
  const { ticks, decimals } = roundTicks(...vertical, scales.height / 80);
  drawLeftAxis(context, theme, {
    x: scales.left, at: (value) => scales.y(value),
    ticks: ticks.map((tick) => [tick, minus(tick.toFixed(decimals))]),
  });
  drawSideLabel(context, theme, 8, (scales.top + scales.bottom) / 2, percent(1));
  context.globalAlpha = 0.55;
  context.strokeStyle = theme.line;
  context.beginPath();
  for (const item of items) {
    if (item.sense === "audio") context.moveTo(item.left, item.top);
    else context.lineTo(item.left, item.top);
  }
  context.stroke();
  context.globalAlpha = 1;
  context.font = `bold 10px ${theme.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineWidth = 1;
  for (const { sense, left, top, mark } of items) {
    traceGlyph(context, sense, left, top, sense === "audio" ? JOINT.glyph + 0.5 : JOINT.glyph - 0.5);
    context.fillStyle = sense === "audio" ? theme.third : theme.second;
    context.fill();
    context.strokeStyle = theme.ground;
    context.stroke();
    context.fillStyle = theme.ground;
    context.fillText(mark, left, top + 0.5);
  }
}

// A ring around an item; one that is wrong is dashed.
function drawRing(context, { sense, left, top }, radius, colour, width, dashed = false) {
  context.setLineDash(dashed ? [4, 3] : []);
  traceGlyph(context, sense, left, top, radius);
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
  context.setLineDash([]);
}

// A text on a ground of its own, so that it is read above anything.
function drawTag(context, theme, text, x, y) {
  context.font = `bold 13px ${theme.font}`;
  context.textAlign = "left";
  context.textBaseline = "middle";
  const width = context.measureText(text).width;
  context.fillStyle = theme.ground;
  context.globalAlpha = 0.85;
  context.fillRect(x - 2, y - 8, width + 4, 16);
  context.globalAlpha = 1;
  context.fillStyle = theme.strong;
  context.fillText(text, x, y);
}

// A and B with their partners, the way between them, the point on it and what is near it.
function drawMapOverlay(sheet, theme, scales, { ends, partners, path, place, near, hovered, pulled }) {
  const context = sheet.begin(theme);
  context.lineJoin = "round";
  ends.forEach((end, i) => {
    context.beginPath();
    context.moveTo(end.left, end.top);
    context.lineTo(partners[i].left, partners[i].top);
    context.strokeStyle = theme.strong;
    context.lineWidth = 1.5;
    context.stroke();
  });
  context.beginPath();
  for (const [x, y] of path) context.lineTo(scales.x(x), scales.y(y));
  context.strokeStyle = theme.wave;
  context.lineWidth = 2.5;
  context.stroke();
  if (pulled) {
    context.beginPath();
    context.moveTo(ends[0].left, ends[0].top);
    context.lineTo(...pulled);
    context.setLineDash([3, 4]);
    context.lineWidth = 1.5;
    context.stroke();
    context.setLineDash([]);
  }
  for (const { item, side } of near) {
    const wrong = side === "wrong" || side === "neither";
    drawRing(context, item, JOINT.glyph + 3.5, wrong ? theme.accent : theme.wave, 2.5, wrong);
  }
  if (hovered) drawRing(context, hovered, JOINT.glyph + 2, theme.strong, 2);
  ends.forEach((end, i) => {
    drawRing(context, end, JOINT.glyph + 1.5, theme.strong, 2.5);
    const side = ends[1 - i].left > end.left ? -22 : 13;
    drawTag(context, theme, "AB"[i], Math.min(Math.max(end.left + side, scales.left + 4), scales.right - 14), end.top);
  });
  const [x, y] = [scales.x(place[0]), scales.y(place[1])];
  context.beginPath();
  for (const [dx, dy] of [[0, -9], [9, 0], [0, 9], [-9, 0]]) context.lineTo(x + dx, y + dy);
  context.closePath();
  context.fillStyle = theme.wave;
  context.fill();
  context.strokeStyle = theme.ground;
  context.lineWidth = 2;
  context.stroke();
  context.lineWidth = 1;
}
