// From an empty element to a living widget, and back.

// Build a face in `el` and keep it fitted to the page: its width, the screen's resolution, the
// colours of the theme. Returns what undoes it all. face: { resize(width), close() }.
function mountFace(el, make) {
  const root = element("div", { class: "avt" });
  el.append(root);
  const face = make(root);
  root.explorer = face; // for tests, and for the curious
  const inner = () => root.clientWidth - 28; // the padding of .avt
  const fit = () => {
    if (root.clientWidth > 0) face.resize(inner());
  };
  const sizes = new ResizeObserver(() => {
    if (root.clientWidth > 0 && inner() !== face.width) face.resize(inner());
  });
  sizes.observe(root);
  const themes = new MutationObserver(() => setTimeout(fit, 150)); // the new style sheet loads first
  themes.observe(document.body, { attributeFilter: ["data-jp-theme-name", "data-jp-theme-light", "class"] });
  themes.observe(document.documentElement, { attributeFilter: ["data-theme", "class"] });
  let screen = null;
  const watchScreen = () => {
    screen?.removeEventListener("change", watchScreen);
    if (screen) fit();
    screen = matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
    screen.addEventListener("change", watchScreen);
  };
  watchScreen();
  fit();
  return () => {
    sizes.disconnect();
    themes.disconnect();
    screen.removeEventListener("change", watchScreen);
    face.close();
    root.remove();
  };
}
