/* pictures.js: pictures that zoom; those over time share their axis. SPDX-License-Identifier: GPL-2.0-or-later */
'use strict';

/* Parts of the x axis for which the library knows the least and the greatest number. */
const PARTS = 2000;

/* Room for the numbers of y axes, and with names of lanes: the same everywhere, so that the x axes
 * lie below each other. */
const AXIS_WIDTH = 64, LANES_WIDTH = 128;

/* Pixels of a picture's height, on a screen and on paper, where two of them fit on a sheet that
 * lies broadside; of a lane, and of what is below the lanes. */
const HEIGHT = 300, PAPER_HEIGHT = 205, LANE_HEIGHT = 28, BELOW_LANES = 40;

/* A logarithmic axis of fewer decades has labels between them, too. */
const FEW_DECADES = 3;

/* What the pointer shows at once; of more, their number is told. */
const TOLD = 8;

/* Space above the highest number, where y begins at 0. */
const HEADROOM = 1.05;

/* Numbers with as many digits as a reader wants. */
function rounded(number, digits = 6) {
  return Number(number.toPrecision(digits)).toString();
}

/* The unit of the axis of time that all pictures of a connection share. @param end  in ns */
function timeUnit(end) {
  return end >= 2e9 ? [1e9, 's'] : end >= 2e6 ? [1e6, 'ms'] : [1e3, '\u00b5s'];
}

/* Bring a panel into the form that is drawn. */
function preparePanel(panel, picture) {
  panel.overTime = picture.end !== null;
  if (panel.overTime)
    [panel.xSize, panel.xUnit] = timeUnit(picture.end);
  panel.xLog = picture.x.log;
  panel.yLog = picture.y.log;
  panel.end = panel.overTime ? picture.end / panel.xSize : null;
  panel.lanes = picture.lanes;
  for (const curve of panel.curves)
    decodeCurve(curve, picture, panel);
  panel.ticks = picture.ticks.map(([x, name, frame, way, subflow, saysWay]) => ({
    x: x / panel.xSize, frame,
    label: name + (saysWay ? ' ' + way : '') + (subflow === null ? '' : ` ${subflow}`),
  })).sort((a, b) => a.x - b.x);
  let [left, right, bottom, top] = panel.extent;
  if (picture.y.quantity === 'share' && top === 1)
    top *= HEADROOM; /* or 100 % would have no label */
  panel.left = panel.overTime ? Math.min(picture.begin, left) / panel.xSize : left / panel.xSize;
  panel.right = panel.overTime ? Math.max(panel.end, right / panel.xSize) : right / panel.xSize;
  panel.isDistribution = !panel.overTime && picture.y.quantity === 'share';
  if (panel.isDistribution)
    panel.end = panel.right; /* where its last value holds until */
  for (const curve of panel.curves) /* all may be the same as one of them, which is drawn over it */
    curve.wide = panel.isDistribution && curve.role === 'connection';
  panel.bottom = bottom / panel.ySize;
  panel.top = top / panel.ySize;
  panel.zero = panel.lanes.length === 0 && panel.bottom === 0 &&
    !panel.curves.some(curve => curve.style === 'strokes');
  panel.headroom = panel.zero ? HEADROOM : 1;
}

/* What the library is given: for each part of the axis the least and the greatest number, by which
 * it chooses the range of y. A limit that is far above all else is cut. */
function envelope(panel) {
  const parts = new Map(), log = panel.xLog;
  const place = x => log ? Math.log(x) : x, low = place(panel.left), high = place(panel.right);
  const take = (x, y) => {
    if (isNaN(y) || log && !(x > 0) || panel.yLog && !(y > 0))
      return;
    const share = (place(x) - low) / (high - low || 1);
    const number = Math.max(0, Math.min(PARTS - 1, Math.floor(PARTS * share)));
    const part = parts.get(number);
    x = Math.max(panel.left, Math.min(x, panel.right));
    y = panel.lanes.length > 0 ? y : Math.min(y * panel.headroom, panel.top);
    if (part)
      [part[1], part[2]] = [Math.min(part[1], y), Math.max(part[2], y)];
    else
      parts.set(number, [x, y, y]);
  };
  for (const curve of panel.curves) {
    for (let i = 0; i < curve.x.length; i++) {
      take(curve.x[i], curve.y[i]);
      if (curve.y2 && curve.style !== 'spans')
        take(curve.x[i], curve.y2[i]);
    }
  }
  const rows = [...parts.keys()].sort((a, b) => a - b).map(key => parts.get(key));
  if (rows.length === 0 || rows[0][0] > panel.left)
    rows.unshift([panel.left, null, null]);
  if (rows[rows.length - 1][0] < panel.right)
    rows.push([panel.right, rows[rows.length - 1][1], rows[rows.length - 1][2]]);
  return rows;
}

/* The entries of a legend, each once. */
function legendOf(panel, hidden, redraw) {
  const list = make('ul', {class: 'legend'}), seen = new Set();
  for (const curve of panel.curves) {
    if (curve.legend === '' || seen.has(curve.legend))
      continue;
    seen.add(curve.legend);
    const button = make('button', {type: 'button', 'aria-pressed': String(!hidden.has(curve.legend)),
      title: 'show or hide'}, paint(make('span', {class: 'swatch'}), curve.colour), curve.legend);
    button.addEventListener('click', () => redraw(curve.legend));
    list.append(make('li', {}, button));
  }
  for (const mark of new Set(panel.curves.map(curve => curve.mark)))
    if (mark !== '' && panel.curves.some(curve => curve.mark === mark && curve.x.length > 0))
      list.append(make('li', {text: (mark === 'reinjected' ? '\u25cb ' : '\u25b3 ') + mark}));
  return list;
}

/* Names of lanes. The library takes html. */
function laneTicks(lanes) {
  return lanes.map((lane, v) => ({v, label: make('span', {text: lane}).innerHTML}));
}

/* Lines of a logarithmic axis, with labels at powers of ten; of few decades also between them. */
function decadeTicks(low, high) {
  const ticks = [], decades = Math.log10(high / low);
  const labelled = decades <= 1 ? [1, 2, 3, 4, 5, 6, 7, 8, 9] : decades < FEW_DECADES ? [1, 2, 5] : [1];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++)
    for (let digit = 1; digit < 10; digit++) {
      const v = digit * 10 ** power;
      ticks.push(labelled.includes(digit) ? {v, label: rounded(v, 3)} : {v});
    }
  return ticks;
}

/* A panel that is drawn. */
class Graph {
  constructor(panel, picture, board) {
    this.panel = panel;
    this.board = board;
    this.picture = picture;
    this.place = make('div', {class: panel.lanes.length > 0 ? 'graph lanes' : 'graph', role: 'img',
      'aria-label': `${picture.title}, ${panel.title}`});
    this.place.style.setProperty('--beside', `${board.axisWidth - AXIS_WIDTH}px`);
    this.fitHeight(HEIGHT);
    this.hair = make('div', {class: 'hair'});
    this.readout = make('div', {class: 'readout'});
    this.legend = make('div');
    this.element = make('div', {class: 'picture'}, make('h4', {text: panel.title}), this.legend,
      this.place, this.readout);
  }

  fitHeight(height) {
    const lanes = this.panel.lanes.length;
    this.place.style.height = `${lanes > 0 ? BELOW_LANES + LANE_HEIGHT * lanes : height}px`;
  }

  /* Draw it, once it is in the document. */
  draw() {
    const {panel, picture} = this;
    const yUnit = panel.lanes.length > 0 ? '' : ` (${panel.yUnit})`;
    this.graph = new Dygraph(this.place, envelope(panel), {
      labels: ['x', 'low', 'high'], plotter: () => {}, legend: 'never', highlightCircleSize: 0,
      xRangePad: 0, yRangePad: panel.zero ? 0 : 6, animatedZooms: false,
      xlabel: `${picture.x.label} (${panel.xUnit})`, ylabel: picture.y.label + yUnit,
      includeZero: panel.zero,
      axisLineColor: 'rgba(128,128,128,.8)', gridLineColor: 'rgba(128,128,128,.28)',
      axisLabelWidth: 60, xLabelHeight: 18, yLabelWidth: 18, rightGap: 12,
      valueRange: panel.lanes.length > 0 ? [panel.bottom, panel.top] : null,
      axes: {
        x: {logscale: panel.xLog, axisLabelFormatter: x => rounded(x, 9), pixelsPerLabel: 80,
          ...(panel.xLog ? {ticker: decadeTicks} : {})},
        y: {logscale: panel.yLog, axisLabelFormatter: y => rounded(y, 9),
          axisLabelWidth: this.board.axisWidth, pixelsPerLabel: 40,
          ...(panel.lanes.length > 0 ? {ticker: () => laneTicks(panel.lanes)} : {}),
          ...(panel.yLog ? {ticker: decadeTicks} : {})},
      },
      underlayCallback: (ctx, area, graph) => {
        this.area = area;
        drawPanel(ctx, area, graph, panel, this.board);
        if (this.board.shared()[0] === this)
          this.board.range.say(graph.xAxisRange(), panel.xUnit);
      },
    });
    this.place.append(this.hair);
    this.place.addEventListener('mousemove', event => this.point(event));
    this.place.addEventListener('mouseleave', () => this.board.point(null));
    this.fillLegend();
  }

  fillLegend() {
    this.legend.replaceChildren(legendOf(this.panel, this.board.hidden,
      legend => this.board.toggle(legend)));
  }

  redraw() {
    this.fillLegend();
    this.graph.updateOptions({});
  }

  /* Make it as wide as a sheet of paper, or as the window again. */
  fit(onPaper) {
    this.place.style.width = onPaper ? `${PAPER_WIDTH}px` : '';
    this.fitHeight(onPaper ? PAPER_HEIGHT : HEIGHT);
    this.graph.resize();
    this.redraw();
  }

  point(event) {
    const x = event.clientX - this.place.getBoundingClientRect().left;
    const [low, high] = [this.area.x, this.area.x + this.area.w];
    if (x < low || x > high)
      return;
    this.say(this.graph.toDataXCoord(x));
    this.board.point(this.panel.overTime ? this.graph.toDataXCoord(x) : null, this);
  }

  /* Say what is drawn at a place of the axis. */
  say(x) {
    const plane = new Plane(this.graph, this.area, this.panel);
    const ticks = this.panel.ticks.filter(tick => Math.abs(plane.x(tick.x) - plane.x(x)) < 4);
    const dots = dotsNear(plane, this.panel, this.board.hidden, x);
    const all = [...ticks, ...dots], texts = all.slice(0, TOLD).map(one => this.textOf(one));
    if (all.length > TOLD)
      texts.push(`and ${all.length - TOLD} more`);
    this.readout.textContent = `${rounded(x, 9)} ${this.panel.xUnit}: ${texts.join(' \u00b7 ') || '-'}`;
  }

  /* Say what a tick, or a dot of a curve, is. */
  textOf({curve, i, label: tick, frame: tickFrame}) {
    if (tick)
      return `${tick} (frame ${tickFrame})`;
    if (curve.style === 'spans')
      return `${this.panel.lanes[curve.y[i]]}: ${curve.name}, ` +
        `${rounded(curve.x[i], 9)} to ${rounded(curve.y2[i], 9)} ${this.panel.xUnit}`;
    const unit = this.panel.yUnit, name = curve.legend.split(':')[0];
    const label = name && name !== curve.name ? `${name} ${curve.name}` : curve.name;
    const value = curve.style === 'stack' ? rounded(curve.y2[i] - curve.y[i])
      : rounded(curve.y[i]) + (curve.y2 ? ` to ${rounded(curve.y2[i])}` : '');
    const frame = curve.frame && curve.frame[i] > 0 ? ` (frame ${curve.frame[i]})` : '';
    return `${label} ${value} ${unit}${frame}`;
  }

  /* Show a moment, at which the pointer is in another picture. */
  showHair(x) {
    const at = x === null ? -1 : this.graph.toDomXCoord(x);
    this.hair.style.display = at >= this.area.x && at <= this.area.x + this.area.w ? 'block' : 'none';
    this.hair.style.left = `${at}px`;
    this.hair.style.top = `${this.area.y}px`;
    this.hair.style.height = `${this.area.h}px`;
  }
}

/* Says in numbers which part of the time is shown, and lets one choose it. */
class Range {
  constructor(board) {
    this.board = board;
    [this.from, this.to] = [this.makeInput('from'), this.makeInput('to')];
    this.unit = make('span');
    this.element = make('span', {}, 'from ', this.from, ' to ', this.to, ' ', this.unit);
  }

  makeInput(name) {
    const input = make('input', {type: 'number', step: 'any',
      'aria-label': `${name} this time since the first frame`});
    input.addEventListener('change', () =>
      this.board.zoom(Number(this.from.value), Number(this.to.value)));
    return input;
  }

  say(range, unit) {
    [this.from.value, this.to.value] = range.map(x => rounded(x, 9));
    this.unit.textContent = unit;
  }
}

/* Nanoseconds of a time that has seconds and nine digits. */
function nanoseconds(time) {
  return BigInt(time.replace('.', ''));
}

/* All pictures of a connection. */
class Board {
  /* @param connections  those that have pictures */
  constructor(connections) {
    this.connections = connections;
    this.place = make('div');
    this.range = new Range(this);
    this.choice = make('select', {'aria-label': 'connection that the pictures show'});
    connections.forEach((one, i) =>
      this.choice.append(make('option', {value: String(i), text: one.title})));
    this.choice.addEventListener('change', () => this.show(connections[Number(this.choice.value)]));
    this.hidden = new Set();
    this.graphs = [];
  }

  show(connection) {
    this.mark = null;
    if (this.sync)
      this.sync.detach();
    for (const graph of this.graphs)
      graph.graph.destroy();
    this.graphs = [];
    this.hidden.clear();
    this.index = make('div', {class: 'index'});
    this.place.replaceChildren(this.index);
    const first = !connection.prepared;
    connection.prepared = true;
    this.axisWidth = connection.pictures.some(one => one.lanes && one.lanes.length > 0)
      ? LANES_WIDTH : AXIS_WIDTH;
    for (const picture of connection.pictures.filter(one => !one.reason))
      this.add(picture, first);
    this.addReasons(connection.pictures.filter(one => one.reason));
    const shared = this.shared();
    const left = Math.min(...shared.map(graph => graph.panel.left));
    const right = Math.max(...shared.map(graph => graph.panel.right));
    for (const graph of shared)
      Object.assign(graph.panel, {left, right});
    for (const graph of this.graphs)
      graph.draw();
    this.sync = shared.length > 1
      ? Dygraph.synchronize(shared.map(graph => graph.graph),
        {selection: false, zoom: true, range: false}) : null;
  }

  /* The graphs that share the axis of time. */
  shared() {
    return this.graphs.filter(graph => graph.panel.overTime);
  }

  add(picture, first) {
    const section = make('section', {id: 'picture-' + picture.kind},
      make('h3', {text: picture.title}));
    this.index.append(make('a', {href: '#' + section.id, title: picture.title, text: picture.kind}));
    this.place.append(section);
    for (const remark of [...picture.remarks, ...picture.reasons])
      section.append(make('p', {class: 'hint', text: remark}));
    if (picture.ticksLeftOut > 0)
      section.append(make('p', {class: 'bound', text: `${picture.ticksLeftOut} events are left out ` +
        'that are too close to another of their kind; the report events has all.'}));
    for (const panel of picture.panels) {
      if (first)
        preparePanel(panel, picture);
      const graph = new Graph(panel, picture, this);
      this.graphs.push(graph);
      section.append(graph.element);
    }
  }

  /* Say why there are no pictures of some kinds. */
  addReasons(lacking) {
    for (const reason of new Set(lacking.map(one => one.reason))) {
      const kinds = lacking.filter(one => one.reason === reason).map(one => one.kind);
      this.place.append(make('p', {class: 'reason', text: `${kinds.join(', ')}: ${reason}.`}));
    }
  }

  /* Show or hide what has a legend, in all pictures. */
  toggle(legend) {
    if (!this.hidden.delete(legend))
      this.hidden.add(legend);
    this.redraw();
  }

  redraw() {
    for (const graph of this.graphs)
      graph.redraw();
  }

  point(x) {
    for (const graph of this.shared())
      graph.showHair(x);
  }

  reset() {
    for (const graph of this.graphs)
      if (graph.graph.isZoomed())
        graph.graph.resetZoom();
  }

  /* Show a part of the time. What is no part changes nothing. */
  zoom(from, to) {
    const [first] = this.shared();
    if (first)
      first.graph.updateOptions(from < to ? {dateWindow: [from, to]} : {});
  }

  /* The number of the connection that has pictures, by its number in A; -1: it has none. */
  find(connection) {
    return this.connections.findIndex(one => one.connection === connection);
  }

  /* Mark a moment of a connection in all pictures. @param time  in seconds, by A's clock */
  showMoment(connection, time) {
    const number = this.find(connection), one = this.connections[number];
    if (this.choice.value !== String(number)) {
      this.choice.value = String(number);
      this.show(one);
    }
    const [first] = this.shared();
    if (!first)
      return;
    this.mark = Number(nanoseconds(time) - nanoseconds(one.start)) / first.panel.xSize;
    const [low, high] = first.graph.xAxisRange();
    if (this.mark < low || this.mark > high)
      this.reset();
    this.redraw();
    first.say(this.mark);
    first.element.parentElement.scrollIntoView();
  }
}

/* Have pictures and tables look as the paper asks for: dark, light, printed.
 * @param board  null: there are no pictures */
function followPaper(board, tables) {
  darkness.addEventListener('change', () => board && board.redraw());
  const print = on => {
    printing = on;
    for (const part of [...(board ? board.graphs : []), ...tables])
      part.fit(on);
  };
  window.addEventListener('beforeprint', () => print(true));
  window.addEventListener('afterprint', () => print(false));
}

function makePictures(place, data) {
  const connections = data.connections;
  if (connections.length === 0) {
    place.append(make('p', {text: 'There is no MPTCP connection, hence no picture.'}));
    return null;
  }
  const board = new Board(connections);
  const all = make('button', {type: 'button', id: 'zoom-all', text: 'Show all of the time'});
  all.addEventListener('click', () => board.reset());
  place.append(make('div', {class: 'tools'}, board.choice, board.range.element, all),
    make('p', {class: 'hint', text: 'Drag to zoom, sideways or upwards; with Shift, drag to move; ' +
      'a double click shows all. Pictures over time move together. Lines are thinned, but the ' +
      'least and the greatest number of each part are kept; mptcpscope plot --data writes every ' +
      'number.'}));
  if (data.all > connections.length)
    place.append(make('p', {class: 'bound', text: `Pictures of the ${connections.length} connections ` +
      `with most data, of ${data.all}; mptcpscope html --connection N shows another one.`}));
  place.append(board.place);
  board.show(connections[0]);
  return board;
}
