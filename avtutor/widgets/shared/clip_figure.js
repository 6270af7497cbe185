// The figure of the clip player: what moves and what sounds on one time axis, and under it how
// well the two match at every shift of the sound.

const CLIP = { left: 46, right: 14, title: 24, curves: 128, axis: 26, gap: 10, match: 116 };
CLIP.curvesTop = CLIP.title;
CLIP.matchTop = CLIP.curvesTop + CLIP.curves + CLIP.axis + CLIP.gap + CLIP.title;
CLIP.height = CLIP.matchTop + CLIP.match + CLIP.axis;

class ClipScales {
  // start, end: of the clip, in seconds
  constructor(width, { start, end }, lowest) {
    this.left = CLIP.left;
    this.width = Math.max(50, width - CLIP.left - CLIP.right);
    this.right = this.left + this.width;
    [this.start, this.end] = [start, end];
    this.lowest = Math.min(-0.25, lowest);
  }
  x(time) {
    return this.left + ((time - this.start) / (this.end - this.start)) * this.width;
  }
  time(x) {
    return this.start + ((x - this.left) / this.width) * (this.end - this.start);
  }
  shiftX(ms) {
    return this.left + ((ms + MOST_SHIFT) / (2 * MOST_SHIFT)) * this.width;
  }
  shift(x) {
    const ms = ((x - this.left) / this.width) * 2 * MOST_SHIFT - MOST_SHIFT;
    return Math.min(MOST_SHIFT, Math.max(-MOST_SHIFT, SHIFT_STEP * Math.round(ms / SHIFT_STEP)));
  }
  matchY(value) {
    return CLIP.matchTop + CLIP.match * ((1 - value) / (1 - this.lowest));
  }
}

function formatShift(ms) {
  return ms === 0 ? "0 ms" : `${ms > 0 ? "+" : "−"}${Math.abs(ms)} ms`;
}

// One curve, `later` s later than it is, up to its own highest value, as a filled line.
function drawCurve(context, scales, { times, values }, later, colour) {
  const bottom = CLIP.curvesTop + CLIP.curves;
  let highest = 1e-12;
  for (const value of values) if (value > highest) highest = value;
  context.save();
  context.beginPath();
  context.rect(scales.left, CLIP.curvesTop, scales.width, CLIP.curves);
  context.clip();
  context.beginPath();
  context.moveTo(scales.x(times[0] + later), bottom);
  for (let i = 0; i < times.length; i++) {
    context.lineTo(scales.x(times[i] + later), bottom - (values[i] / highest) * (CLIP.curves - 6));
  }
  context.strokeStyle = context.fillStyle = colour;
  context.lineWidth = 1.5;
  context.stroke();
  context.lineTo(scales.x(times[times.length - 1] + later), bottom);
  context.closePath();
  context.globalAlpha = 0.22;
  context.fill();
  context.globalAlpha = 1;
  context.restore();
}

function drawClipCurves(context, theme, scales, { picture, sound }, shiftMs) {
  const bottom = CLIP.curvesTop + CLIP.curves;
  context.fillStyle = theme.fill;
  context.fillRect(scales.left, CLIP.curvesTop, scales.width, CLIP.curves);
  drawCurve(context, scales, picture, 0, theme.wave);
  drawCurve(context, scales, sound, shiftMs / 1000, theme.accent);
  panelTitle(context, theme, scales.left, CLIP.curvesTop, [
    ["seen: change of motion", theme.wave], ["heard: onset strength", theme.accent],
  ]);
  context.strokeStyle = theme.line;
  drawBottomAxis(context, theme, {
    left: scales.left, right: scales.right, y: bottom, low: scales.start, high: scales.end,
    at: (time) => scales.x(time), label: "time (s)",
  });
  drawSideLabel(context, theme, 10, CLIP.curvesTop + CLIP.curves / 2, "each up to its highest");
}

function drawMatch(context, theme, scales, aligned, shiftMs) {
  const top = CLIP.matchTop;
  const bottom = top + CLIP.match;
  context.fillStyle = theme.fill;
  context.fillRect(scales.left, top, scales.width, CLIP.match);
  context.strokeStyle = theme.line;
  context.beginPath();
  const zero = Math.round(scales.matchY(0)) + 0.5;
  context.moveTo(scales.left, zero);
  context.lineTo(scales.right, zero);
  context.stroke();
  context.strokeStyle = theme.second;
  context.lineWidth = 1.75;
  context.beginPath();
  aligned.shifts.forEach((ms, i) => context.lineTo(scales.shiftX(ms), scales.matchY(aligned.match[i])));
  context.stroke();
  context.lineWidth = 1;
  panelTitle(context, theme, scales.left, top, [
    ["match of the two (correlation) at each shift of the sound", theme.second],
  ]);
  context.strokeStyle = theme.line;
  drawLeftAxis(context, theme, {
    x: scales.left, at: (value) => scales.matchY(value), ticks: [[1, "1"], [0.5, "0.5"], [0, "0"]],
  });
  drawBottomAxis(context, theme, {
    left: scales.left, right: scales.right, y: bottom, low: -MOST_SHIFT, high: MOST_SHIFT,
    at: (ms) => scales.shiftX(ms), label: "shift of the sound (ms)",
  });
  if (aligned.best !== null) drawBest(context, theme, scales, aligned, bottom);
  drawStand(context, theme, scales, aligned, shiftMs, bottom);
}

// The highest match: a dashed line with its place.
function drawBest(context, theme, scales, { best, match }, bottom) {
  const x = scales.shiftX(best);
  context.strokeStyle = context.fillStyle = theme.second;
  context.setLineDash([4, 3]);
  context.beginPath();
  context.moveTo(x, bottom);
  context.lineTo(x, scales.matchY(Math.max(...match)));
  context.stroke();
  context.setLineDash([]);
  context.textBaseline = "bottom";
  context.textAlign = x > scales.left + 0.7 * scales.width ? "right" : "left";
  context.fillText(`best: ${formatShift(Math.round(best))}`,
    x + (context.textAlign === "left" ? 6 : -6), bottom - 4);
}

// Where the slider stands: a line, and a point on the curve.
function drawStand(context, theme, scales, aligned, shiftMs, bottom) {
  const x = scales.shiftX(shiftMs);
  context.strokeStyle = context.fillStyle = theme.strong;
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(x, CLIP.matchTop);
  context.lineTo(x, bottom);
  context.stroke();
  context.lineWidth = 1;
  context.beginPath();
  context.arc(x, scales.matchY(matchAt(aligned, shiftMs)), 4.5, 0, 7);
  context.fill();
}

// The time that a picture is on the screen, over the curves.
function drawShown(sheet, theme, scales, from, until) {
  const context = sheet.begin(theme);
  const left = Math.max(scales.left, scales.x(from));
  const right = Math.min(scales.right, scales.x(until));
  context.fillStyle = theme.strong;
  context.globalAlpha = 0.16;
  context.fillRect(left, CLIP.curvesTop, Math.max(1, right - left), CLIP.curves);
  context.globalAlpha = 1;
  context.strokeStyle = theme.strong;
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(left, CLIP.curvesTop);
  context.lineTo(left, CLIP.curvesTop + CLIP.curves);
  context.stroke();
  context.lineWidth = 1;
}
