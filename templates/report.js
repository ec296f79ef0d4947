// Tables that sort by their headings, and a print of everything that is folded. The page says all without it.
"use strict";
(() => {
  const UNITS = {
    mJ: 1e-3, J: 1, kJ: 1e3, MJ: 1e6, Wh: 3600, kWh: 3.6e6, MWh: 3.6e9, GWh: 3.6e12,
    "µg": 1e-6, mg: 1e-3, g: 1, kg: 1e3, t: 1e6, W: 1, kW: 1e3, ms: 1e-3, s: 1, min: 60, h: 3600, d: 86400,
  };
  const DURATION = /^(?:s|min|h|d)$/;

  // A figure as it is written here: "≈1.44 kWh", "2 h 5 min", "−3 g", "5 g over (10 %)"; null where there is none.
  function figure(text) {
    const plain = text.replace(/[\u202f\u00a0]/g, " ").replace(/\u2212/g, "-").replace(/,(?=\d)/g, "");
    let sum = null;
    let sign = / over\b/.test(plain) ? -1 : 1;
    for (const [, number, unit] of plain.matchAll(/(-?\d+(?:\.\d+)?) ?([^\d\s()–+-]*)/g)) {
      if (sum !== null && !DURATION.test(unit)) break;
      sum = (sum ?? 0) + Number(number) * (Object.hasOwn(UNITS, unit) ? UNITS[unit] : 1);
      if (!DURATION.test(unit)) break;
    }
    return sum === null ? null : sign * sum;
  }

  function compare(one, other, numeric) {
    if (numeric) {
      if (one === null || other === null) return null;
      return one - other;
    }
    return one.localeCompare(other, "en", { numeric: true, sensitivity: "base" });
  }

  function sort(table, column, direction) {
    const body = table.tBodies[0];
    const numeric = table.tHead.rows[0].cells[column].classList.contains("n");
    const rows = table.rowsAsWritten.filter((row) => !row.classList.contains("sum"));
    const sums = table.rowsAsWritten.filter((row) => row.classList.contains("sum"));
    if (direction !== "none") {
      const keys = new Map(rows.map((row) => {
        const text = row.cells[column].textContent.trim();
        return [row, numeric ? figure(text) : text];
      }));
      const turn = direction === "ascending" ? 1 : -1;
      rows.sort((one, other) => {
        const order = compare(keys.get(one), keys.get(other), numeric);
        // What is not known comes last in both directions.
        return order === null ? (keys.get(one) === null) - (keys.get(other) === null) : turn * order;
      });
    }
    body.append(...rows, ...sums);
    for (const [index, head] of [...table.tHead.rows[0].cells].entries()) {
      if (head.hasAttribute("aria-sort")) head.setAttribute("aria-sort", index === column ? direction : "none");
    }
  }

  for (const table of document.querySelectorAll("table")) {
    if (table.tBodies[0].querySelectorAll("tr:not(.sum)").length < 2) continue;
    table.rowsAsWritten = [...table.tBodies[0].rows];
    for (const [column, head] of [...table.tHead.rows[0].cells].entries()) {
      // Figures are first wanted from the largest down, words from A on; the third time is as it was written.
      const order = head.classList.contains("n") ? ["descending", "ascending"] : ["ascending", "descending"];
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => {
        const now = order.indexOf(head.getAttribute("aria-sort"));
        sort(table, column, order[now + 1] ?? "none");
      });
      head.append(button);
      head.setAttribute("aria-sort", "none");
    }
  }

  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const fold of folded) fold.open = true;
  });
  addEventListener("afterprint", () => {
    for (const fold of folded) fold.open = false;
    folded = [];
  });
})();
