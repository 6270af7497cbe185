// Where settings and sounds come from: the widget's model in a notebook, or, on a page without a
// kernel, the StaticModel below, which has the same methods.

class StaticModel {
  constructor(values) {
    this.values = values;
    this.listeners = new Map();
  }
  get(name) {
    return this.values[name];
  }
  set(name, value) {
    if (this.values[name] === value) return;
    this.values[name] = value;
    (this.listeners.get(`change:${name}`) ?? []).forEach((listener) => listener());
  }
  on(event, listener) {
    this.listeners.set(event, [...(this.listeners.get(event) ?? []), listener]);
  }
  off(event, listener) {
    this.listeners.set(event, (this.listeners.get(event) ?? []).filter((l) => l !== listener));
  }
  save_changes() {}
}

// Put a stand-alone widget in the place of its still picture.
function mountStatic(place, face) {
  const values = JSON.parse(place.querySelector("script[type='application/json']").textContent);
  for (const name of values.blocks) {
    const bytes = Uint8Array.from(atob(values[name]), (letter) => letter.charCodeAt(0));
    values[name] = new DataView(bytes.buffer);
  }
  const model = new StaticModel(values);
  place.dataset.mounted = "";
  place.replaceChildren();
  face.render({ model, el: place });
}

// The recordings as { name, sampleRate, samples }: int16 in one block, with the size of one step
// for each.
function readSounds(model) {
  const view = model.get("sound");
  return model.get("sounds").map(({ name, sample_rate, first, n_samples, step }) => {
    let samples = null;
    return {
      name,
      sampleRate: sample_rate,
      nSamples: n_samples,
      duration: n_samples / sample_rate,
      get samples() { // made when first looked at
        if (samples === null) {
          samples = new Float64Array(n_samples);
          for (let i = 0; i < n_samples; i++) {
            samples[i] = view.getInt16(2 * (first + i), true) * step;
          }
        }
        return samples;
      },
    };
  });
}

// The settings of a view, in step with the model: `send` passes on changes made here, `onChange`
// hears of changes made elsewhere (Python, or another view of the same widget). What was changed
// here and is not saved yet is newer than the echo of what was saved before.
class Settings {
  constructor(model, names, onChange) {
    this.model = model;
    this.values = {};
    this.unsaved = new Set();
    this.handlers = names.map((name) => {
      this.values[name] = model.get(name);
      const handler = () => {
        if (model.get(name) === this.values[name] || this.unsaved.has(name)) return;
        this.values[name] = model.get(name);
        onChange(name);
      };
      model.on(`change:${name}`, handler);
      return [`change:${name}`, handler];
    });
  }

  // Pass a change made here on to the model.
  send(name) {
    if (this.model.get(name) === this.values[name]) return;
    this.unsaved.add(name);
    this.model.set(name, this.values[name]);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), 300);
  }

  save() {
    this.unsaved.forEach((name) => this.model.set(name, this.values[name]));
    this.unsaved.clear();
    this.model.save_changes();
  }

  close() {
    clearTimeout(this.timer);
    this.handlers.forEach(([event, handler]) => this.model.off(event, handler));
  }
}
