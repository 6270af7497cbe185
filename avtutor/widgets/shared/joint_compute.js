// A point between two items of a joint space, what is near it and what it is drawn as. The same
// functions in Python are in avtutor.widgets.joined; a test holds them equal.

const JOINT_SENSES = ["audio", "image"];
const PATH_STEPS = 20;

const otherSense = (sense) => (sense === "audio" ? "image" : "audio");

// Bring a vector to length 1, where it is.
function toUnitLength(vector) {
  let sum = 0;
  for (const value of vector) sum += value * value;
  const length = Math.max(Math.sqrt(sum), 1e-12);
  for (let i = 0; i < vector.length; i++) vector[i] /= length;
  return vector;
}

// The distances of the rows of `vectors` from a point, into `out`.
function distancesFrom(vectors, point, out) {
  const n = point.length;
  for (let row = 0, v = 0; row < out.length; row++) {
    let sum = 0;
    for (let i = 0; i < n; i++, v++) sum += (vectors[v] - point[i]) ** 2;
    out[row] = Math.sqrt(sum);
  }
  return out;
}

// The numbers of the pairs, the nearest first; of equals the first one first.
const byDistance = (distances, out) =>
  out.sort((a, b) => distances[a] - distances[b] || a - b);

class JointSpace {
  constructor({ unit, vectors, centre, directions, shares }) {
    Object.assign(this, { unit, centre, directions, shares });
    this.vectors = { audio: vectors[0], image: vectors[1] };
    this.size = centre.length;
    this.nPairs = vectors[0].length / this.size;
    this.point = new Float64Array(this.size);
    this.onPath = new Float64Array(this.size);
  }

  vector({ sense, pair }) {
    return this.vectors[sense].subarray(pair * this.size, (pair + 1) * this.size);
  }

  // The point on the straight line from one item to another, into `out`.
  between(first, second, share, out) {
    const [a, b] = [this.vector(first), this.vector(second)];
    for (let i = 0; i < out.length; i++) out[i] = (1 - share) * a[i] + share * b[i];
    return this.unit ? toUnitLength(out) : out;
  }

  // Where a point lies on the map of a direction and the one after it: [x, y].
  place(point, firstDirection) {
    const { centre, directions } = this;
    return [0, 1].map((axis) => {
      const direction = directions[firstDirection + axis];
      let sum = 0;
      for (let i = 0; i < point.length; i++) sum += (point[i] - centre[i]) * direction[i];
      return sum;
    });
  }

  path(first, second, firstDirection) {
    return Array.from({ length: PATH_STEPS + 1 }, (_, step) =>
      this.place(this.between(first, second, step / PATH_STEPS, this.onPath), firstDirection));
  }
}

class JointNetworks {
  // given: { towers, decoders, spaces }, as avtutor.widgets.joint_weights packs them;
  // shapes: of an input of each sense
  constructor(given, view, shapes) {
    const read = readPacked(given, view);
    this.spaces = Object.fromEntries(Object.entries(read.spaces).map(
      ([name, space]) => [name, new JointSpace(space)]));
    const chains = (nets, shapeOf) => Object.fromEntries(JOINT_SENSES.map((sense) => {
      const chain = new LayerChain(nets[sense]);
      chain.fit(shapeOf(sense));
      return [sense, chain];
    }));
    this.towers = chains(read.towers, (sense) => shapes[sense]);
    this.decoders = chains(read.decoders, () => [this.spaces.autoencoder.size]);
    const { nPairs } = this.spaces.towers;
    const numbers = () => Int32Array.from({ length: nPairs }, (_, i) => i);
    this.distances = new Float64Array(nPairs);
    this.fromDrawn = new Float64Array(nPairs);
    this.order = numbers();
    this.read = { audio: numbers(), image: numbers() };
    this.embedding = new Float64Array(this.spaces.towers.size);
  }

  // What there is at a point. asked: { space, first: { sense, pair }, second, share in percent,
  // firstDirection }. The arrays are filled again by the next call.
  at({ space, first, second, share, firstDirection }) {
    const shown = this.spaces[space];
    const drawing = this.spaces.autoencoder;
    const path = shown.path(first, second, firstDirection);
    const asked = otherSense((share <= 50 ? first : second).sense);
    const shared = drawing.between(first, second, share / 100, drawing.point);
    const drawn = {};
    for (const sense of JOINT_SENSES) {
      drawn[sense] = this.decoders[sense].run(shared);
      this.embedding.set(this.towers[sense].run(drawn[sense]));
      const met = this.spaces.towers.vectors[otherSense(sense)];
      distancesFrom(met, toUnitLength(this.embedding), this.fromDrawn);
      byDistance(this.fromDrawn, this.read[sense]);
    }
    const point = shown.between(first, second, share / 100, shown.point);
    distancesFrom(shown.vectors[asked], point, this.distances);
    byDistance(this.distances, this.order);
    const { distances, order, read } = this;
    return { point, place: shown.place(point, firstDirection), path, asked, distances, order, drawn, read };
  }
}
