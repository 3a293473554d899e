/* paths.js: draws critical paths as bars. SPDX-License-Identifier: GPL-2.0-or-later */
'use strict';

/* Paths that have bars; the table has all. */
const BARS_MAX = 24;

function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}

function seconds(time) {
  return time >= 1 ? `${time.toFixed(3)} s` : `${(1e3 * time).toFixed(3)} ms`;
}

/* A row as an object, by the names of its columns. */
function rowObject(table, row) {
  return Object.fromEntries(table.columns.map((column, i) =>
    [(column.group ? column.group + '_' : '') + column.name, row[i]]));
}

function makePath(path, colours) {
  const of = path.connection === null ? `stream ${path.plain_stream}` : `connection ${path.connection}`;
  const box = make('div', {class: 'path'});
  const classes = (path.classes || []).filter(one => one.time > 0);
  let title = `${of}, ${path.direction}`;
  if (path.elapsed !== null)
    title += `: ${path.data_bytes} bytes in ${seconds(path.elapsed)}`;
  box.append(make('h3', {text: title}));
  if (path.reason)
    box.append(make('p', {class: 'reason', text: `No critical path: ${path.reason}.`}));
  if (path.verdict)
    box.append(make('p', {text: path.verdict}));
  if (classes.length === 0)
    return box;
  const bar = make('div', {class: 'bar', role: 'img',
    'aria-label': classes.map(one => `${one.class} ${percent(one.share)}`).join(', ')});
  const legend = make('ul', {class: 'legend'});
  for (const one of [...classes].sort((a, b) => b.time - a.time)) {
    const [colour, opacity] = colours[one.class];
    const part = make('span', {title: `${one.class}: ${percent(one.share)}, ${seconds(one.time)}`});
    part.style.flex = `${one.share} 0 0`;
    bar.append(paint(part, colour, opacity));
    legend.append(make('li', {}, paint(make('span', {class: 'swatch'}), colour, opacity),
      `${one.class} ${percent(one.share)}, ${seconds(one.time)}`));
  }
  box.append(bar, legend);
  return box;
}

/* @param colours  of classes: colour and opacity */
function makePaths(place, tables, colours) {
  const table = tables.find(one => one.id === 'critical-path');
  const paths = table ? table.rows.map(row => rowObject(table, row)) : [];
  if (paths.length === 0)
    place.append(make('p', {text: 'There is no path.'}));
  for (const path of paths.slice(0, BARS_MAX))
    place.append(makePath(path, colours));
  if (paths.length > BARS_MAX)
    place.append(make('p', {class: 'bound',
      text: `And ${table.all - BARS_MAX} more paths, in the table.`}));
}
