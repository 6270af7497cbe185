// Mouse, touch and keyboard on the figure of a spectrogram.

function listenToFigure(face) {
  const { figure } = face;
  const place = (event) => {
    const box = figure.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const inside = (x) => face.scales && x >= face.scales.left && x < face.scales.right;
  figure.addEventListener("pointermove", (event) => {
    const [x, y] = place(event);
    if (!inside(x)) return;
    const hz = y < face.scales.top ? face.reading.hz : face.scales.hz(y);
    face.read(face.scales.time(x), hz);
  });
  figure.addEventListener("click", (event) => {
    const [x] = place(event);
    if (inside(x)) face.playFrom(face.scales.time(x));
  });
  figure.addEventListener("wheel", (event) => {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      face.zoomBy(event.deltaY < 0 ? -1 : 1);
    } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      event.preventDefault();
      const moved = event.deltaX || event.deltaY;
      face.scroll(face.view.start + (moved / face.scales.width) * face.view.span);
    }
  }, { passive: false });
  figure.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== figure) return;
    const { scales, view, reading } = face;
    const { hopLength, sampleRate, nMels, nFft } = scales.settings;
    const rows = nMels || nFft / 2;
    const time = Math.max(hopLength / sampleRate, view.span / scales.width) * (event.shiftKey ? 10 : 1);
    const row = Math.max(1, Math.round(rows / FIGURE.plot)) * (event.shiftKey ? 10 : 1);
    const actions = {
      ArrowRight: () => face.moveReading(time, 0),
      ArrowLeft: () => face.moveReading(-time, 0),
      ArrowUp: () => face.moveReading(0, row),
      ArrowDown: () => face.moveReading(0, -row),
      Home: () => face.moveReading(view.start - reading.time, 0),
      End: () => face.moveReading(view.start + view.span - reading.time, 0),
      PageDown: () => face.scroll(view.start + view.span * 0.9),
      PageUp: () => face.scroll(view.start - view.span * 0.9),
      "+": () => face.zoomBy(-1),
      "-": () => face.zoomBy(1),
      " ": () => face.toggle(),
    };
    if (!actions[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    actions[event.key]();
  });
}
