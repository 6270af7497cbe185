// The figure of the verdict explorer: one block of colour for each number that the network gets.

const VERDICT = { left: 62, right: 58, wave: 0, gap: 8, plot: 292, bottom: 28 };
VERDICT.height = VERDICT.gap + VERDICT.plot + VERDICT.bottom;

// Scales whose time axis begins and ends with whole cells, and that know the cells.
class CellScales extends Scales {
  constructor(width, settings, nFrames, figure = VERDICT) {
    const frame = settings.hopLength / settings.sampleRate;
    super(width, { start: -frame / 2, span: nFrames * frame }, settings, figure);
    this.nRows = settings.nMels;
    this.nFrames = nFrames;
    this.cellWidth = this.width / nFrames;
    this.cellHeight = this.height / this.nRows;
  }
  // The edges of a cell: its left and its top.
  cellX(frame) {
    return this.left + frame * this.cellWidth;
  }
  cellY(row) {
    return this.bottom - (row + 1) * this.cellHeight;
  }
  frameAt(x) {
    return Math.min(this.nFrames - 1, Math.max(0, Math.floor((x - this.left) / this.cellWidth)));
  }
  rowAt(y) {
    return Math.min(this.nRows - 1, Math.max(0, Math.floor((this.bottom - y) / this.cellHeight)));
  }
}

// Levels as colours, one pixel a cell; the style sheet makes the pixels large.
class CellPicture {
  constructor(canvas, anchors) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
    this.palette = interpolateColours(anchors, 256);
  }

  fit(nRows, nFrames) {
    [this.nRows, this.nFrames] = [nRows, nFrames];
    this.canvas.width = nFrames;
    this.canvas.height = nRows;
    this.image = this.context.createImageData(nFrames, nRows);
    this.pixels = new Uint32Array(this.image.data.buffer);
  }

  paint(levels, bottom, peak) {
    const { pixels, palette, nRows, nFrames } = this;
    const scale = 255 / Math.max(peak - bottom, 1e-9);
    for (let row = 0, i = 0; row < nRows; row++) {
      for (let x = 0, o = (nRows - 1 - row) * nFrames; x < nFrames; x++, i++, o++) {
        const colour = Math.round((levels[i] - bottom) * scale);
        pixels[o] = palette[colour < 0 ? 0 : colour > 255 ? 255 : colour];
      }
    }
    this.context.putImageData(this.image, 0, 0);
  }
}

// Axes and colour bar: drawn when the recording, the width or the theme changes.
function drawVerdictBase(sheet, theme, scales, palette, { bottom, peak }) {
  const context = sheet.begin(theme);
  drawLeftAxis(context, theme, {
    x: scales.left, at: (hz) => scales.y(hz), ticks: frequencyTicks(scales),
  });
  drawBottomAxis(context, theme, {
    left: scales.left, right: scales.right, y: scales.bottom, low: 0,
    high: scales.view.start + scales.view.span, at: (time) => scales.x(time), label: "time (s)",
  });
  drawSideLabel(context, theme, 10, (scales.top + scales.bottom) / 2, "frequency (kHz, mel scale)");
  drawColourBar(context, theme, scales, palette,
    { topDb: peak, rangeDb: Math.max(peak - bottom, 1) });
}

// What is hidden, the cell at the reading point, and the reach of the brush around it.
function drawVerdictOverlay(sheet, theme, scales, reading, alterations) {
  const context = sheet.begin(theme);
  const { hide_low, hide_high, hide_start, hide_end, brush, brush_size } = alterations;
  context.save();
  context.beginPath();
  context.rect(scales.left, scales.top, scales.width, scales.height);
  context.clip();
  const bottom = scales.cellY(hide_low) + scales.cellHeight;
  const right = scales.cellX(Math.min(hide_end, scales.nFrames));
  if (hide_high > hide_low) {
    const top = scales.cellY(hide_high - 1);
    dashedBox(context, scales.left, top, scales.width, bottom - top);
  }
  if (right > scales.cellX(hide_start)) {
    const left = scales.cellX(hide_start);
    dashedBox(context, left, scales.top, right - left, scales.height);
  }
  const [x, y] = [scales.cellX(reading.frame), scales.cellY(reading.row)];
  outline(context, () => context.rect(x, y, scales.cellWidth, scales.cellHeight));
  if (brush !== "look" && brush_size > 1) {
    outline(context, () => context.ellipse(
      x + scales.cellWidth / 2, y + scales.cellHeight / 2, (brush_size / 2) * scales.cellWidth,
      (brush_size / 2) * scales.cellHeight, 0, 0, 2 * Math.PI));
  }
  context.restore();
}

function dashedBox(context, x, y, width, height) {
  context.strokeStyle = "rgb(255 255 255 / 60%)";
  context.setLineDash([4, 4]);
  context.strokeRect(Math.round(x) + 0.5, Math.round(y) + 0.5, Math.round(width) - 1, Math.round(height) - 1);
  context.setLineDash([]);
}

// A white line on a dark one: to be seen on every colour.
function outline(context, path) {
  context.beginPath();
  path();
  context.strokeStyle = "rgb(0 0 0 / 60%)";
  context.lineWidth = 3.5;
  context.stroke();
  context.strokeStyle = "white";
  context.lineWidth = 1.5;
  context.stroke();
  context.lineWidth = 1;
}
