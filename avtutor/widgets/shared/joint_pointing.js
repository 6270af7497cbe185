// Mouse, touch and keyboard on the map of a joint space.

const REACH = 13; // pixels

// The item nearest to a place on the screen, within reach, or null.
function itemAt(items, x, y, except = null) {
  let best = null, least = REACH ** 2;
  for (const item of items) {
    const distance = (item.left - x) ** 2 + (item.top - y) ** 2;
    if (item !== except && distance <= least) [best, least] = [item, distance];
  }
  return best;
}

// The next item from A in a direction of the screen: the nearest within 45° of it.
function nextItem(items, from, dx, dy) {
  let best = null, least = Infinity;
  for (const item of items) {
    const [x, y] = [item.left - from.left, item.top - from.top];
    const along = x * dx + y * dy;
    const across = Math.abs(x * dy - y * dx);
    if (item === from || along <= 0 || across > along) continue;
    const distance = Math.hypot(x, y) + across; // straight ahead first
    if (distance < least) [best, least] = [item, distance];
  }
  return best;
}

// The share of the way, in percent, at which the path is nearest to a place on the screen.
function shareAt(path, scales, x, y) {
  let best = 0, least = Infinity;
  for (let i = 0; i < path.length - 1; i++) {
    const [ax, ay, bx, by] = [scales.x(path[i][0]), scales.y(path[i][1]), scales.x(path[i + 1][0]), scales.y(path[i + 1][1])];
    const length = (bx - ax) ** 2 + (by - ay) ** 2;
    const at = length ? Math.min(1, Math.max(0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length)) : 0;
    const distance = (ax + at * (bx - ax) - x) ** 2 + (ay + at * (by - ay) - y) ** 2;
    if (distance < least) [best, least] = [(100 * (i + at)) / (path.length - 1), distance];
  }
  return Math.round(best);
}

function listenToMap(face) {
  const { figure } = face;
  const placeOf = (event) => {
    const box = figure.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  let dragging = null; // "item" or "point"
  figure.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !face.scales) return;
    const [x, y] = placeOf(event);
    const { share } = face.settings.values;
    const [px, py] = face.pointPlace();
    if (share > 0 && share < 100 && Math.hypot(px - x, py - y) < REACH) dragging = "point";
    else {
      const item = itemAt(face.items, x, y);
      if (!item) return;
      dragging = "item";
      face.change({ first: item.key, share: 0 });
    }
    figure.setPointerCapture(event.pointerId);
  });
  figure.addEventListener("pointermove", (event) => {
    if (!face.scales) return;
    const [x, y] = placeOf(event);
    if (dragging === "point") {
      face.change({ share: shareAt(face.now.path, face.scales, x, y) });
      return;
    }
    if (dragging === "item") {
      const onto = itemAt(face.items, x, y, face.first);
      face.pulled = onto || Math.hypot(face.first.left - x, face.first.top - y) < REACH ? null : [x, y];
      if (onto && onto !== face.second) face.change({ second: onto.key, share: 50 });
      else if (onto && face.settings.values.share === 0) face.change({ share: 50 });
      else face.drawOver();
      return;
    }
    face.hover(itemAt(face.items, x, y));
  });
  const drop = () => {
    dragging = face.pulled = null;
    if (face.scales) face.drawOver();
  };
  figure.addEventListener("pointerup", drop);
  figure.addEventListener("pointercancel", drop);
  figure.addEventListener("pointerleave", () => { if (!dragging) face.hover(null); });
  figure.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== figure || !face.scales) return;
    const go = (dx, dy) => {
      const item = nextItem(face.items, face.first, dx, dy);
      if (item) face.change({ first: item.key, share: 0 });
    };
    const move = (by) => face.change({ share: Math.min(100, Math.max(0, face.settings.values.share + by)) });
    const actions = {
      ArrowRight: () => go(1, 0),
      ArrowLeft: () => go(-1, 0),
      ArrowUp: () => go(0, -1),
      ArrowDown: () => go(0, 1),
      PageUp: () => move(10),
      PageDown: () => move(-10),
      Home: () => move(-100),
      End: () => move(100),
      Enter: () => face.change({ second: face.first.key }),
      x: () => face.change({ first: face.partnerOf(face.first).key, share: 0 }),
      " ": () => face.toggle(0),
    };
    if (!actions[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    actions[event.key]();
  });
}
