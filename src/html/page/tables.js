/* tables.js: makes tables that sort and filter. SPDX-License-Identifier: GPL-2.0-or-later */
'use strict';

/* Rows that the document holds at once: more would make it slow to scroll. */
const ROWS_AT_ONCE = 100;

/* Pixels of CSS that fit across a sheet of A4 or letter. The style enlarges what is printed
 * broadside. */
const PAPER_WIDTH = 700;

/* Letters on paper are so much smaller than on a screen. */
const PAPER_SHARE = 0.72;

/* Columns that say what a row is about. On paper, where a table may have to go on below itself, each
 * part begins with them. */
const SUBJECTS = ['frame', 'connection', 'subflow', 'direction', 'level'];

/* Make an element. Texts are only ever set as text, whatever is in them. */
function make(name, options = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(options)) {
    if (key === 'text')
      element.textContent = value;
    else if (key === 'class')
      element.className = value;
    else
      element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

const FACTORS = {'ms': 1e3, 'Mbit/s': 1e-6, '%': 100};

/* The text of a list in a cell: its members' keys and values, the first few. */
function listText(list) {
  const shown = list.slice(0, 6).map(item => typeof item !== 'object' || item === null ? String(item)
    : Object.entries(item).filter(([, value]) => value !== null)
      .map(([key, value]) => `${key} ${Array.isArray(value) ? value.length : value}`).join(' '));
  return shown.join('; ') + (list.length > 6 ? `; and ${list.length - 6} more` : '');
}

function cellText(value, column) {
  if (value === null)
    return '-';
  if (typeof value === 'boolean')
    return value ? 'yes' : 'no';
  if (column.type === 'list')
    return Array.isArray(value) ? listText(value) : JSON.stringify(value);
  if (column.type === 'number' && column.isReal)
    return (value * (FACTORS[column.unit] || 1)).toFixed(column.decimals || (column.shown ? 0 : 6));
  return String(value);
}

/* The order of two values of a column; null comes last either way. */
function compare(a, b, type) {
  if (type === 'number')
    return a - b;
  if (type === 'time')
    return Number(a.split('.')[0]) - Number(b.split('.')[0]) || (a < b ? -1 : a > b ? 1 : 0);
  if (type === 'big') {
    const x = BigInt(a), y = BigInt(b);
    return x < y ? -1 : x > y ? 1 : 0;
  }
  return String(a).localeCompare(String(b), 'en');
}

/* Say of each column how it is called and shown. */
function describe(table) {
  table.columns.forEach((column, i) => {
    const way = column.group === 'c2s' || column.group === 's2c' ? column.group + ' ' : '';
    column.index = i;
    column.key = (column.group ? column.group + '_' : '') + column.name;
    column.shown = column.title !== '';
    column.heading = column.shown
      ? way + column.title + (column.unit ? ' ' + column.unit : '') : column.key;
    column.isReal = column.real;
    column.isLong = column.type === 'list' || table.rows.slice(0, 50).some(
      row => typeof row[i] === 'string' && row[i].length > 60);
    column.isRight = column.type === 'number' || column.type === 'time' || column.type === 'big';
  });
}

/* Whether a row passes a filter: each word is in some cell, or NAME=VALUE is the cell of a column. */
function passes(row, words, columns) {
  return words.every(word => {
    const at = word.indexOf('=');
    const named = at > 0 ? columns.filter(column => column.key.toLowerCase() === word.slice(0, at)) : [];
    if (named.length > 0)
      return named.some(column =>
        cellText(row[column.index], column).toLowerCase() === word.slice(at + 1) ||
        String(row[column.index]).toLowerCase() === word.slice(at + 1));
    return columns.some(column => cellText(row[column.index], column).toLowerCase().includes(word));
  });
}

/* A time in words, which epoch seconds are not; '' for one that calendars do not have. */
function dateText(time) {
  const [seconds, part] = time.split('.'), date = new Date(1000 * Number(seconds));
  return isNaN(date) || time.startsWith('-') ? ''
    : `${date.toISOString().split('.')[0].replace('T', ' ')}.${part} UTC`;
}

/* A table with its tools. */
class Table {
  /* @param board  of pictures, which show moments; null: there is none */
  constructor(data, board) {
    this.data = data;
    this.board = board;
    describe(data);
    this.rows = data.rows;
    this.first = 0;
    this.sorted = null;
    this.descending = false;
    this.all = !data.columns.some(column => column.shown);
    this.makeTools();
    this.body = make('tbody');
    this.head = make('tr');
    this.paper = make('div', {class: 'paper'});
    this.element = make('details', {class: 'table', id: 'table-' + data.id},
      make('summary', {}, make('h3', {text: `${data.title} (${data.all})`})), this.tools, this.bound,
      make('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': data.title},
        make('table', {}, make('thead', {}, this.head), this.body)), this.paper);
    this.element.open = data.all > 0 && data.rows.length <= 40;
    this.fillHead();
    this.fill();
  }

  makeTools() {
    const more = this.data.columns.some(column => !column.shown);
    this.filter = make('input', {type: 'search', placeholder: 'filter: words, or column=value',
      'aria-label': 'filter rows of ' + this.data.title});
    this.filter.addEventListener('input', () => this.choose());
    this.every = make('input', {type: 'checkbox'});
    this.every.checked = this.all;
    this.every.addEventListener('change', () => {
      this.all = this.every.checked;
      this.fillHead();
      this.fill();
    });
    this.back = make('button', {type: 'button', text: 'previous'});
    this.next = make('button', {type: 'button', text: 'next'});
    this.back.addEventListener('click', () => this.turn(-ROWS_AT_ONCE));
    this.next.addEventListener('click', () => this.turn(ROWS_AT_ONCE));
    this.count = make('span', {'aria-live': 'polite'});
    this.tools = make('div', {class: 'tools'}, this.filter, this.count, this.back, this.next);
    if (more)
      this.tools.append(make('label', {}, this.every, ' all columns'));
    this.bound = make('p', {class: 'bound'});
    this.bound.hidden = this.data.rows.length === this.data.all;
    this.bound.textContent = `The first ${this.data.rows.length} of ${this.data.all} rows; ` +
      `${this.data.command} has all.`;
  }

  columns() {
    return this.data.columns.filter(column => column.shown || this.all);
  }

  fillHead() {
    this.head.replaceChildren(...this.columns().map(column => {
      const button = make('button', {type: 'button', text: column.heading, title: column.key});
      const cell = make('th', {scope: 'col', class: column.isRight ? 'right' : ''}, button);
      if (column === this.sorted)
        cell.setAttribute('aria-sort', this.descending ? 'descending' : 'ascending');
      button.addEventListener('click', () => this.sort(column));
      return cell;
    }));
  }

  sort(column) {
    this.descending = this.sorted === column && !this.descending;
    this.sorted = column;
    this.choose();
    this.fillHead();
    this.head.cells[this.columns().indexOf(column)].firstChild.focus(); /* it is a new button */
  }

  /* Choose rows by the filter, and put them in order. */
  choose() {
    const words = this.filter.value.toLowerCase().split(/\s+/).filter(word => word !== '');
    this.rows = this.data.rows.filter(row => passes(row, words, this.data.columns));
    if (this.sorted) {
      const {index, type} = this.sorted, sign = this.descending ? -1 : 1;
      this.rows.sort((a, b) => a[index] === null || b[index] === null
        ? (a[index] === null) - (b[index] === null) : sign * compare(a[index], b[index], type));
    }
    this.first = 0;
    this.fill();
  }

  turn(by) {
    this.first = Math.max(0, this.first + by);
    this.fill();
  }

  makeRow(row, columns) {
    return make('tr', {}, ...columns.map(column => {
      const isTime = column.type === 'time' && row[column.index] !== null;
      return make('td', {class: (column.isRight ? 'right' : '') + (column.isLong ? ' long' : '')},
        isTime ? this.makeTime(row, row[column.index]) : cellText(row[column.index], column));
    }));
  }

  /* The number of the connection that a row is about, if the pictures can show its times. */
  picturedConnection(row) {
    const of = name => row[this.data.columns.findIndex(column => column.key === name)];
    const inB = this.data.id.endsWith('-B') || of('capture') === 'B';
    return this.board && !inB && this.board.find(of('connection')) >= 0 ? of('connection') : null;
  }

  /* A time that says its date, and that the pictures show when it is clicked. */
  makeTime(row, time) {
    const date = dateText(time), connection = this.picturedConnection(row);
    if (connection === null)
      return make('span', {title: date, text: time});
    const button = make('button', {type: 'button', class: 'moment', text: time,
      title: `${date}: show it in the pictures`});
    button.addEventListener('click', () => this.board.showMoment(connection, time));
    return button;
  }

  fill() {
    const columns = this.columns(), last = Math.min(this.first + ROWS_AT_ONCE, this.rows.length);
    this.shown = this.rows.slice(this.first, last);
    this.body.replaceChildren(...this.shown.map(row => this.makeRow(row, columns)));
    this.count.textContent = this.rows.length === 0 ? 'no rows'
      : `rows ${this.first + 1} to ${last} of ${this.rows.length}`;
    this.count.classList.toggle('whole', this.shown.length === this.data.all);
    this.back.disabled = this.first === 0;
    this.next.disabled = last >= this.rows.length;
    this.back.hidden = this.next.hidden = this.data.rows.length <= ROWS_AT_ONCE;
  }

  /* The columns that are shown, in parts that fit across a sheet. */
  parts() {
    const columns = this.columns(), parts = [];
    const widths = new Map(columns.map((column, i) =>
      [column, PAPER_SHARE * this.head.cells[i].offsetWidth]));
    const subjects = columns.filter(column => column.group === '' && SUBJECTS.includes(column.name));
    let part = [], width = 0;
    for (const column of columns) {
      if (part.length > 0 && width + widths.get(column) > PAPER_WIDTH) {
        parts.push(part);
        part = subjects.filter(subject => subject.index < column.index);
        width = part.reduce((sum, subject) => sum + widths.get(subject), 0);
      }
      part.push(column);
      width += widths.get(column);
    }
    return [...parts, part];
  }

  /* Lay out for a sheet of paper, or for the window again. */
  fit(onPaper) {
    this.paper.replaceChildren();
    if (!onPaper || !this.element.open)
      return;
    for (const columns of this.parts())
      this.paper.append(make('table', {},
        make('thead', {}, make('tr', {}, ...columns.map(column => make('th', {scope: 'col',
          class: column.isRight ? 'right' : '', text: column.heading})))),
        make('tbody', {}, ...this.shown.map(row => this.makeRow(row, columns)))));
  }
}

/* A link to a table, which opens it. */
function linkTo(table) {
  const link = make('a', {href: '#' + table.element.id, text: `${table.data.title} (${table.data.all})`});
  link.addEventListener('click', () => {
    table.element.open = true;
  });
  return link;
}

/* Make all tables. Those without rows are named in one line. @return Table of each */
function makeTables(place, data, board) {
  const empty = data.filter(table => table.all === 0).map(table => table.title);
  const tables = data.filter(table => table.all > 0).map(table => new Table(table, board));
  place.append(make('p', {class: 'hint',
    text: 'A click on a heading sorts. A filter takes words, or column=value: subflow=1. ' +
      'A click on a time shows it in the pictures.'}),
  make('div', {class: 'index'}, ...tables.map(linkTo)));
  if (empty.length > 0)
    place.append(make('p', {class: 'hint', text: `No rows: ${empty.join(', ')}.`}));
  place.append(...tables.map(table => table.element));
  return tables;
}
