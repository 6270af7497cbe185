// The pictures of a clip, kept on one large picture, and the two curves that belong to them.

class ClipFrames {
  // entry: see avtutor.widgets.clip_player; sheet: the bytes of the large pictures of all clips
  constructor(entry, sheet, onReady) {
    Object.assign(this, {
      width: entry.width, height: entry.height, columns: entry.columns, tile: entry.tile,
      times: entry.frame_times, ends: entry.frame_ends, start: entry.start, end: entry.end,
      soundStart: entry.sound_start,
      confidence: entry.confidence, bitmap: null,
    });
    const bytes = new Uint8Array(sheet.buffer, sheet.byteOffset + entry.sheet[0], entry.sheet[1]);
    this.loading = createImageBitmap(new Blob([bytes], { type: "image/jpeg" })).then((bitmap) => {
      this.bitmap = bitmap;
      onReady();
    });
  }

  get count() {
    return this.times.length;
  }

  // Which picture is on the screen at a time: the last whose time has come.
  at(time) {
    let low = 0, high = this.count - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.times[middle] <= time + 1e-6) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  draw(context, k) {
    if (!this.bitmap) return;
    const [width, height] = this.tile;
    const x = (k % this.columns) * width, y = Math.floor(k / this.columns) * height;
    context.drawImage(this.bitmap, x, y, this.width, this.height, 0, 0, this.width, this.height);
  }

  close() {
    this.loading.then(() => this.bitmap.close());
  }
}

// The curves of one clip, { picture, sound }, each { times, values }, from the block of all.
function readCurves(view, { first, n_picture, n_sound }) {
  let place = 8 * first;
  const next = (count) => Float64Array.from({ length: count }, () => {
    place += 8;
    return view.getFloat64(place - 8, true);
  });
  const picture = { times: next(n_picture), values: next(n_picture) };
  return { picture, sound: { times: next(n_sound), values: next(n_sound) } };
}
