/* Copyright: (c) 2026, secure.ftp_synchronize contributors
   GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
   SPDX-License-Identifier: GPL-3.0-or-later */

/* On a phone, the rows of a table with three or more columns become blocks, with the heading of the column over each
   cell (site.css). */
function blocksOnAPhone() {
  for (const table of document.querySelectorAll("article table.docutils:not(.ansible-option-table)")) {
    const headings = Array.from(table.querySelectorAll("thead th"), (cell) => cell.textContent.trim());
    if (headings.length < 3) continue;
    table.classList.add("wide");
    for (const row of table.tBodies[0].rows) {
      Array.from(row.cells).forEach((cell, column) => {
        cell.dataset.heading = headings[column] ?? "";
        cell.classList.toggle("blank", !cell.textContent.trim());
      });
    }
  }
}

/* Long paths and names in tables break after their signs, and others nowhere. */
function breakable() {
  const tables = "article table.docutils:not(.ansible-option-table)";
  for (const code of document.querySelectorAll(`${tables} code span, ${tables} code:not(:has(span))`)) {
    if (code.textContent.length < 25) continue;
    const parts = code.textContent.split(/(?<=[/_.:=,@])(?=.)/);
    code.replaceChildren(...parts.flatMap((part, number) => (number ? [document.createElement("wbr"), part] : [part])));
  }
}

/* A picture is a link to itself, in full size. */
function enlargeable() {
  for (const picture of document.querySelectorAll("article img")) {
    const link = Object.assign(document.createElement("a"), { href: picture.src, title: "Show in full size" });
    picture.replaceWith(link);
    link.append(picture);
  }
}

/* Attributes for keyboards and screen readers that theme and generator leave out. */
function accessible() {
  document.querySelectorAll("p.caption[role=heading]").forEach((caption) => caption.setAttribute("aria-level", "2"));
  document.querySelectorAll("article pre").forEach((block) => (block.tabIndex = 0));
  document.querySelectorAll("a[aria-role]").forEach((link) => link.removeAttribute("aria-role"));
}

addEventListener("DOMContentLoaded", () => {
  blocksOnAPhone();
  breakable();
  enlargeable();
  accessible();
});
