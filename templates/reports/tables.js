// Tables that can be sorted and filtered; without this script they are what they are.
"use strict";

const shown = (row, column) => row.cells[column].textContent.trim();

function value(text) {
  const number = Number(text.replace("\u2212", "-").replace(/\s*%$/, ""));
  return text !== "" && !Number.isNaN(number) ? number : text;
}

// Numbers by size, words by the alphabet; what could not be computed (a dash) comes last.
function compare(one, other, sign) {
  const dashes = (one === "\u2013") - (other === "\u2013");
  if (dashes) return dashes;
  if (typeof one === "number" && typeof other === "number") return sign * (one - other);
  return sign * String(one).localeCompare(String(other), undefined, { numeric: true });
}

for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  const groups = [...table.tBodies];
  const rows = groups.filter((group) => group.className !== "group").flatMap((group) => [...group.rows]);
  const homes = rows.map((row) => row.parentNode);
  const sorted = table.createTBody();

  // Grouped as the page has them, or all in one body.
  function order(column, direction) {
    const grouped = column === 0 && direction === "ascending";
    for (const group of groups) group.hidden = !grouped;
    if (grouped) rows.forEach((row, place) => homes[place].append(row));
    else {
      const sign = direction === "ascending" ? 1 : -1;
      const keys = new Map(rows.map((row) => [row, value(shown(row, column))]));
      sorted.append(...rows.toSorted((a, b) => compare(keys.get(a), keys.get(b), sign)));
    }
  }

  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") === "ascending";
      const direction = up ? "descending" : "ascending";
      for (const each of heads) each.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", direction);
      order(column, direction);
    });
  });
  heads[0].setAttribute("aria-sort", "ascending");

  if (rows.length > 12) {
    const label = document.createElement("label");
    const input = document.createElement("input");
    label.className = "filter";
    input.type = "search";
    label.append("Show only rows with ", input);
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLowerCase();
      for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
    });
    table.parentNode.before(label);
  }
}
