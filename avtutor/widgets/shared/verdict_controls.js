// The controls of the verdict explorer, and how mouse, touch and keyboard use the brush.

const BRUSH_STOPS = [1, 2, 3, 4, 5, 7, 9, 12, 15, 20];
const UNALTERED = {
  flip_time: false, flip_frequency: false, shift_frames: 0, shift_bands: 0,
  hide_low: 0, hide_high: 0, hide_start: 0, hide_end: 0, erased: [], painted: [],
};
// Moving one edge of what is hidden beyond the other takes that one along.
const OPPOSITE_EDGE = {
  hide_low: ["hide_high", Math.max], hide_high: ["hide_low", Math.min],
  hide_start: ["hide_end", Math.max], hide_end: ["hide_start", Math.min],
};

function verdictControls(face, values) {
  const { hopLength, sampleRate, nMels } = face.frontEnd;
  const signed = (n) => (n > 0 ? `+${n}` : minus(String(n)));
  const time = (frames) => formatSeconds((Math.abs(frames) * hopLength) / sampleRate);
  const edge = (band) => (band ? `${band} · ${formatHz(face.scales?.bandHz(band + 0.5) ?? 0)}` : "0");
  const moment = (frame) => (frame ? `${frame} · ${time(frame)}` : "0");
  const slider = (name, label, most, format, hint) => new StopSlider({
    label, format, hint, value: values[name],
    stops: name.startsWith("shift") ? range(-most, most, 1) : range(0, most, 1),
    onInput: (value) => face.change(name, value),
  });
  const flip = (name, label, hint) => new Switch({
    label, hint, value: values[name], onInput: (value) => face.change(name, value),
  });
  return {
    flip_time: flip("flip_time", "flip time", "The last frame becomes the first"),
    flip_frequency: flip("flip_frequency", "flip frequency", "The highest band becomes the lowest"),
    shift_frames: slider("shift_frames", "shift in time", 1,
      (n) => (n ? `${signed(n)} · ${time(n)}` : "0"), "In frames; what leaves is lost"),
    shift_bands: slider("shift_bands", "shift in frequency", nMels,
      (n) => (n ? `${signed(n)} band${Math.abs(n) === 1 ? "" : "s"}` : "0"),
      "In mel bands; what leaves is lost"),
    hide_low: slider("hide_low", "hide bands from", nMels, edge,
      "The first band that is hidden"),
    hide_high: slider("hide_high", "hide bands up to", nMels, edge,
      "The band after the last that is hidden"),
    hide_start: slider("hide_start", "hide time from", 1, moment,
      "The first frame that is hidden"),
    hide_end: slider("hide_end", "hide time up to", 1, moment,
      "The frame after the last that is hidden"),
    brush: new Choice({
      label: "brush", value: values.brush, hint: "What the mouse, or Enter at the reading point, does",
      choices: [["erase", "erase: to noise floor"], ["paint", "paint: loud"], ["look", "look: play from there"]],
      onInput: (value) => face.change("brush", value),
    }),
    brush_size: new StopSlider({
      label: "brush size", stops: withStop(BRUSH_STOPS, values.brush_size), value: values.brush_size,
      format: (n) => `${n} cell${n === 1 ? "" : "s"}`, hint: "How many cells the brush is across",
      onInput: (value) => face.change("brush_size", value),
    }),
  };
}

function listenToBrush(face) {
  const { figure } = face;
  const cellAt = (event) => {
    const box = figure.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const { scales } = face;
    const inside = scales && x >= scales.left && x < scales.right && y >= scales.top && y < scales.bottom;
    return { row: scales?.rowAt(y), frame: scales?.frameAt(x), inside };
  };
  let last = null; // the cell where the brush was, while it is down
  figure.addEventListener("pointerdown", (event) => {
    const cell = cellAt(event);
    if (!cell.inside || event.button !== 0 || face.settings.values.brush === "look") return;
    figure.setPointerCapture(event.pointerId);
    last = cell;
    face.stroke(cell, cell);
  });
  figure.addEventListener("pointermove", (event) => {
    const cell = cellAt(event);
    if (last) {
      if (cell.row !== last.row || cell.frame !== last.frame) face.stroke(last, cell);
      last = cell;
    } else if (cell.inside) face.read(cell.row, cell.frame);
  });
  for (const end of ["pointerup", "pointercancel"]) figure.addEventListener(end, () => { last = null; });
  figure.addEventListener("click", (event) => {
    const cell = cellAt(event);
    if (cell.inside && face.settings.values.brush === "look") face.play(1, face.timeOf(cell.frame));
  });
  figure.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== figure) return;
    const { row, frame } = face.reading;
    const step = event.shiftKey ? 5 : 1;
    const actions = {
      ArrowRight: () => face.read(row, frame + step),
      ArrowLeft: () => face.read(row, frame - step),
      ArrowUp: () => face.read(row + step, frame),
      ArrowDown: () => face.read(row - step, frame),
      Home: () => face.read(row, 0),
      End: () => face.read(row, Infinity),
      Enter: () => face.stroke(face.reading, face.reading),
      " ": () => face.toggle(1),
    };
    if (!actions[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    actions[event.key]();
  });
}
