/* page.js: puts a page together. SPDX-License-Identifier: GPL-2.0-or-later */
'use strict';

const read = id => JSON.parse(document.getElementById(id).textContent);
const tables = read('data-tables'), pictures = read('data-pictures');
makePaths(document.getElementById('paths'), tables, pictures.classes);
const board = makePictures(document.getElementById('pictures'), pictures);
followPaper(board, makeTables(document.getElementById('tables'), tables, board));
