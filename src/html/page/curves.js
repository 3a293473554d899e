/* curves.js: draws the curves of a picture, and finds what is near the pointer. SPDX-License-Identifier: GPL-2.0-or-later */
'use strict';

/* Whether the page is shown dark. On paper it is always light. */
let printing = false;
const darkness = window.matchMedia('(prefers-color-scheme: dark)');

function isDark() {
  return darkness.matches && !printing;
}

/* A colour of the palette, which is made for white paper, on dark paper. */
function darkInk(colour) {
  if (colour === '#000000')
    return '#e4e7ea';
  const parts = [1, 3, 5].map(at => parseInt(colour.slice(at, at + 2), 16));
  return `rgb(${parts.map(part => Math.round(part + 0.35 * (255 - part))).join(',')})`;
}

/* A colour of the palette on this paper. */
function inkOf(colour) {
  return isDark() ? darkInk(colour) : colour;
}

/* Give an element a colour of the palette; the style chooses the paper. */
function paint(element, colour, opacity = 1) {
  element.classList.add('ink');
  element.style.setProperty('--on-light', colour);
  element.style.setProperty('--on-dark', darkInk(colour));
  element.style.opacity = opacity;
  return element;
}

/* Numbers as they were: whole ones are differences. NaN: not known. */
function decode(numbers, quantity, unit) {
  const values = new Float64Array(numbers.length), whole = quantity === 'time' || quantity === 'bytes';
  let last = 0;
  numbers.forEach((number, i) => {
    if (number === null)
      values[i] = NaN;
    else
      values[i] = (whole ? (last += number) : number) / unit;
  });
  return values;
}

/* Bring the numbers of a curve into units of the axes. */
function decodeCurve(curve, picture, panel) {
  curve.x = decode(curve.x, picture.x.quantity, panel.xSize);
  curve.y = decode(curve.y, picture.y.quantity, panel.ySize);
  if (curve.style === 'spans')
    curve.y2 = decode(curve.y2, picture.x.quantity, panel.xSize);
  else
    curve.y2 = curve.y2 ? decode(curve.y2, picture.y.quantity, panel.ySize) : null;
  curve.frame = curve.frame ? decode(curve.frame, 'bytes', 1) : null;
}

/* The index of the first x that is not below a number. */
function lowerBound(xs, x) {
  let low = 0, high = xs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (xs[middle] < x)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* The place of a graph on its canvas. */
class Plane {
  constructor(graph, area, panel) {
    [this.low, this.high] = graph.xAxisRange();
    this.graph = graph;
    this.area = area;
    this.end = panel.end === null ? NaN : panel.end;
    const [bottom, top] = graph.yAxisRange();
    this.bottom = bottom;
    this.top = top;
    this.xLog = panel.xLog;
    this.yLog = panel.yLog;
    this.isDistribution = panel.isDistribution;
  }

  x(value) {
    if (this.xLog)
      return this.area.x + (value <= 0 ? 0
        : Math.log(value / this.low) / Math.log(this.high / this.low) * this.area.w);
    return this.area.x + (value - this.low) / (this.high - this.low) * this.area.w;
  }

  /* Far outside is as good as outside, and no canvas minds it. */
  y(value) {
    const share = !this.yLog ? (this.top - value) / (this.top - this.bottom)
      : value <= 0 ? 1 : Math.log(this.top / value) / Math.log(this.top / this.bottom);
    const y = this.area.y + share * this.area.h;
    return Math.max(-1e4, Math.min(1e4, y));
  }

  /* The indices of the dots that matter: those inside, and one on each side. */
  span(curve) {
    return [Math.max(0, lowerBound(curve.x, this.low) - 1),
      Math.min(curve.x.length, lowerBound(curve.x, this.high) + 1)];
  }

  /* Until where the number of a dot holds. */
  until(curve, i) {
    if (i + 1 < curve.x.length)
      return this.x(curve.x[i + 1]);
    return isNaN(this.end) ? this.x(curve.x[i]) : this.x(this.end);
  }
}

function drawSteps(ctx, plane, curve, first, last) {
  let known = false;
  ctx.globalAlpha = curve.pale || curve.wide ? 0.4 : 1;
  ctx.lineWidth = curve.wide ? 5 : 1.3;
  ctx.beginPath();
  if (plane.isDistribution && first === 0) {
    ctx.moveTo(plane.x(curve.x[0]), plane.y(0));
    known = true;
  }
  for (let i = first; i < last; i++) {
    if (isNaN(curve.y[i])) {
      known = false;
      continue;
    }
    const x = plane.x(curve.x[i]), y = plane.y(curve.y[i]);
    if (known)
      ctx.lineTo(x, y);
    else
      ctx.moveTo(x, y);
    ctx.lineTo(plane.until(curve, i), y);
    known = true;
  }
  ctx.stroke();
  ctx.globalAlpha = 1;
}

/* Ranges, each at its place alone: errors. */
function drawBand(ctx, plane, curve, first, last) {
  ctx.globalAlpha = curve.pale ? 0.3 : 0.8;
  ctx.lineWidth = 3;
  ctx.beginPath();
  for (let i = first; i < last; i++) {
    if (isNaN(curve.y[i]) || isNaN(curve.y2[i]))
      continue;
    ctx.moveTo(plane.x(curve.x[i]), plane.y(curve.y[i]));
    ctx.lineTo(plane.x(curve.x[i]), plane.y(curve.y2[i]));
  }
  ctx.stroke();
  ctx.globalAlpha = 1;
}

/* Spans in lanes. One may begin long before what is shown. */
function drawSpans(ctx, plane, curve, first, last) {
  ctx.globalAlpha = curve.again ? 0.6 : 1;
  ctx.beginPath();
  for (let i = 0; i < last; i++) {
    const from = plane.x(Math.max(curve.x[i], plane.low));
    const to = plane.x(Math.min(curve.y2[i], plane.high));
    if (to >= from && curve.y2[i] >= plane.low)
      ctx.rect(from, plane.y(curve.y[i] - 0.4), Math.max(to - from, 0.7),
        plane.y(curve.y[i] + 0.4) - plane.y(curve.y[i] - 0.4));
  }
  ctx.fill();
  ctx.globalAlpha = 1;
}

function drawAreas(ctx, plane, curve, first, last) {
  ctx.globalAlpha = curve.again ? 0.6 : 0.9;
  ctx.beginPath();
  for (let i = first; i < last; i++) {
    if (isNaN(curve.y[i]) || isNaN(curve.y2[i]) || curve.y[i] === curve.y2[i])
      continue;
    const x = plane.x(curve.x[i]), top = plane.y(curve.y2[i]);
    ctx.rect(x, top, Math.max(plane.until(curve, i) - x, 0.7), plane.y(curve.y[i]) - top);
  }
  ctx.fill();
  ctx.globalAlpha = 1;
}

/* A mark that shows what a stroke is beside its subflow. */
function drawMark(ctx, mark, x, y) {
  ctx.beginPath();
  if (mark === 'reinjected') {
    ctx.arc(x, y, 3.5, 0, 2 * Math.PI);
  } else {
    ctx.moveTo(x, y - 4);
    ctx.lineTo(x + 4, y + 3);
    ctx.lineTo(x - 4, y + 3);
    ctx.closePath();
  }
  ctx.stroke();
}

function drawStrokes(ctx, plane, curve, first, last) {
  ctx.lineWidth = 2;
  ctx.beginPath();
  for (let i = first; i < last; i++) {
    const x = plane.x(curve.x[i]), from = plane.y(curve.y[i]), to = plane.y(curve.y2[i]);
    ctx.moveTo(x, from + 0.5);
    ctx.lineTo(x, Math.min(to, from - 1));
  }
  ctx.stroke();
  ctx.lineWidth = 1.2;
  let lastX = -100, lastY = -100;
  for (let i = first; curve.mark && i < last; i++) {
    const x = plane.x(curve.x[i]), y = plane.y((curve.y[i] + curve.y2[i]) / 2);
    if (Math.abs(x - lastX) + Math.abs(y - lastY) < 3)
      continue;
    drawMark(ctx, curve.mark, x, y);
    [lastX, lastY] = [x, y];
  }
}

function drawPoints(ctx, plane, curve, first, last) {
  const size = curve.again ? 2 : 3;
  ctx.globalAlpha = curve.pale ? 0.4 : 1;
  for (let i = first; i < last; i++)
    if (!isNaN(curve.y[i]))
      ctx.fillRect(plane.x(curve.x[i]) - size / 2, plane.y(curve.y[i]) - size / 2, size, size);
  ctx.globalAlpha = 1;
}

const DRAWERS = {points: drawPoints, strokes: drawStrokes, steps: drawSteps, stack: drawAreas,
  band: drawBand, spans: drawSpans};

/* Draw the moments that have names. Lines are a pixel apart at least, and those of one name as far as
 * their labels. */
function drawTicks(ctx, plane, ticks) {
  let free = -Infinity, before = {x: -Infinity};
  ctx.strokeStyle = ctx.fillStyle = isDark() ? '#8d97a3' : '#666';
  ctx.lineWidth = 1;
  ctx.font = '11px system-ui, "DejaVu Sans", sans-serif';
  ctx.setLineDash([2, 3]);
  for (const tick of ticks) {
    if (tick.x < plane.low || tick.x > plane.high)
      continue;
    const x = Math.round(plane.x(tick.x)) + 0.5;
    if (x - before.x < (before.label === tick.label ? 13 : 1) && x < free)
      continue; /* one of many at one place */
    before = {x, label: tick.label};
    ctx.beginPath();
    ctx.moveTo(x, plane.area.y);
    ctx.lineTo(x, plane.area.y + plane.area.h);
    ctx.stroke();
    if (x < free)
      continue;
    free = x + 13;
    ctx.save();
    ctx.translate(x + 11, plane.area.y + 3);
    ctx.rotate(-Math.PI / 2);
    ctx.textAlign = 'right';
    ctx.fillText(tick.label, 0, 0);
    ctx.restore();
  }
  ctx.setLineDash([]);
}

/* Draw the moment that the reader chose. */
function drawChosen(ctx, plane, x) {
  ctx.strokeStyle = isDark() ? '#7cc0f0' : '#00538a';
  ctx.lineWidth = 2;
  ctx.beginPath();
  ctx.moveTo(plane.x(x), plane.area.y);
  ctx.lineTo(plane.x(x), plane.area.y + plane.area.h);
  ctx.stroke();
}

/* Draw a panel below what the library draws. @param board  says what is hidden and marked */
function drawPanel(ctx, area, graph, panel, board) {
  const plane = new Plane(graph, area, panel);
  ctx.save();
  ctx.beginPath();
  ctx.rect(area.x, area.y, area.w, area.h);
  ctx.clip();
  drawTicks(ctx, plane, panel.ticks);
  if (board.mark !== null && panel.overTime)
    drawChosen(ctx, plane, board.mark);
  for (const curve of panel.curves) {
    if (board.hidden.has(curve.legend) || curve.x.length === 0)
      continue;
    ctx.strokeStyle = ctx.fillStyle = inkOf(curve.colour);
    ctx.lineWidth = 1.3;
    DRAWERS[curve.style](ctx, plane, curve, ...plane.span(curve));
  }
  ctx.restore();
}

/* The dots of curves at a moment: of those that hold, the one that does; of others the nearest,
 * if it is within some pixels. */
function dotsNear(plane, panel, hidden, x) {
  const found = [];
  for (const curve of panel.curves) {
    if (hidden.has(curve.legend) || curve.x.length === 0)
      continue;
    let i = lowerBound(curve.x, x);
    if (curve.style === 'spans') {
      i = Math.min(i, curve.x.length - 1);
      while (i >= 0 && !(curve.x[i] <= x && x <= curve.y2[i]))
        i--;
    } else if (['points', 'strokes', 'band'].includes(curve.style)) {
      if (i > 0 && (i === curve.x.length || x - curve.x[i - 1] < curve.x[i] - x))
        i--;
      if (Math.abs(plane.x(curve.x[i]) - plane.x(x)) > 6)
        continue;
    } else if (i === curve.x.length || curve.x[i] > x) {
      i--;
    }
    if (i >= 0 && !isNaN(curve.y[i]) && !(curve.style === 'stack' && curve.y[i] === curve.y2[i]))
      found.push({curve, i});
  }
  return found;
}
