/* Copyright: (c) 2026, secure.ftp_synchronize contributors
   GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
   SPDX-License-Identifier: GPL-3.0-or-later */

/* Give each cell the heading of its column: on a phone, rows become blocks (site.css). */
addEventListener("DOMContentLoaded", () => {
  for (const table of document.querySelectorAll("article table.docutils:not(.ansible-option-table)")) {
    const headings = Array.from(table.querySelectorAll("thead th"), (cell) => cell.textContent.trim());
    for (const row of table.tBodies[0].rows) {
      Array.from(row.cells).forEach((cell, column) => (cell.dataset.heading = headings[column] ?? ""));
    }
  }
});
