// What the page can do beyond being read: show a choice of the projects, and its days one at a time. Without this
// script all of them are there. Lengths are milliseconds; nothing is sent, stored or loaded.
"use strict";
(() => {
  const MINUTE = 60000;
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const byId = (id) => document.getElementById(id);

  // As monitor_core.rounding does it: whole units by largest remainder, adding up to `total`.
  const rounded = (parts, unit, total) => {
    const made = parts.map((part) => Math.floor(part / unit));
    const rest = (k) => parts[k] - made[k] * unit;
    const order = parts.map((_, k) => k).filter(rest).sort((a, b) => rest(b) - rest(a));
    let missing = total - made.reduce((a, b) => a + b, 0);
    for (const k of order) if (missing-- > 0) made[k] += 1;
    return made;
  };
  // As monitor_tray.duration writes them.
  const duration = (minutes, exact) => {
    if (!minutes) return exact ? "<1 m" : "0 m";
    const hours = Math.floor(minutes / 60);
    return hours ? `${hours} h ${String(minutes % 60).padStart(2, "0")} m` : `${minutes} m`;
  };
  const clock = (minutes) => {
    const size = Math.abs(minutes);
    return `${minutes < 0 ? "−" : ""}${Math.floor(size / 60)}:${String(size % 60).padStart(2, "0")}`;
  };

  // -- a choice of projects --

  const filter = byId("filter");
  const boxes = filter ? all("input", filter) : [];
  const rows = all(".projects tbody tr");
  const unchanged = new Map();

  const write = (cell, text) => {
    if (!unchanged.has(cell)) unchanged.set(cell, cell.textContent);
    cell.textContent = text;
  };
  const blocksOf = (row) => {
    const { start, digits, widths } = filter.dataset;
    const [gap, length] = widths.split(" ").map(Number);
    const read = (text) => [...text].reduce((number, digit) => number * digits.length + digits.indexOf(digit), 0);
    const pairs = row.dataset.blocks.match(new RegExp(`.{${gap + length}}`, "g"));
    let at = Number(start);
    return pairs.map((pair) => {
      const begin = at + read(pair.slice(0, gap));
      at = begin + read(pair.slice(gap));
      return [begin, at];
    });
  };
  const union = (stretches) => {
    const made = [];
    for (const [start, end] of stretches.sort((a, b) => a[0] - b[0])) {
      const last = made[made.length - 1];
      if (last && start <= last[1]) last[1] = Math.max(last[1], end);
      else made.push([start, end]);
    }
    return made;
  };
  const within = (covered, from, to) =>
    covered.reduce((sum, [start, end]) => sum + Math.max(0, Math.min(end, to) - Math.max(start, from)), 0);

  const showTotals = (chosen) => {
    const active = chosen.map((row) => Number(row.dataset.active));
    const sum = active.reduce((a, b) => a + b, 0);
    const covered = union(chosen.flatMap(blocksOf));
    const total = within(covered, -Infinity, Infinity);
    const whole = Math.floor(total / MINUTE);
    const minutes = rounded([...active, total - sum], MINUTE, whole);
    const shares = sum ? rounded(active.map((ms) => 100 * ms), sum, 100) : active;
    chosen.forEach((row, k) => {
      write(row.cells[1], duration(minutes[k], 1));
      write(row.cells[2], `${shares[k]} %`);
    });
    const parallel = minutes[chosen.length];
    const row = document.querySelector(".projects .parallel");
    row.hidden = !parallel;
    write(row.cells[1], parallel ? `−${duration(-parallel, 0)}` : "");
    const text = duration(whole, total || chosen.length);
    write(document.querySelector(".projects .sum").cells[1], text);
    write(byId("figure"), text);
    showParts(covered, whole);
  };

  const showParts = (covered, whole) => {
    const sums = parts.map((part) => within(covered, Number(part.dataset.from), Number(part.dataset.to)));
    const minutes = rounded(sums, MINUTE, whole);
    parts.forEach((part, k) => {
      const total = part.querySelector(".sum td");
      if (total) write(total, duration(minutes[k], sums[k]));
      const parallel = part.querySelector(".parallel");
      if (!parallel) return;
      const shown = all("tbody tr:not([hidden]) td", part).reduce((a, cell) => a + Number(cell.dataset.minutes), 0);
      // Where small projects are in one row, which of them were chosen is not known here.
      const over = part.querySelector('[data-project="-1"]') ? 0 : minutes[k] - shown;
      parallel.hidden = over >= 0;
      write(parallel.cells[1], over < 0 ? `−${duration(-over, 0)}` : "");
    });
    const table = document.querySelector(".matrix");
    if (!table) return;
    const sum = all(".sum td", table.tFoot);
    const columns = sum.map((_, k) => k < sum.length - 1 ? minutes[k] ?? 0 : whole);
    sum.forEach((cell, k) => write(cell, columns[k] || sums[k] ? clock(columns[k]) : "–"));
    const parallel = table.querySelector(".parallel");
    if (!parallel) return;
    const shown = all("tbody tr:not([hidden])", table);
    all("td", parallel).forEach((cell, k) => {
      const over = columns[k] - shown.reduce((a, row) => a + Number(row.cells[k + 1].dataset.minutes), 0);
      write(cell, over ? clock(over) : "–");
    });
  };

  const choose = () => {
    const chosen = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    const every = chosen.size === boxes.length;
    unchanged.forEach((text, cell) => { cell.textContent = text; });
    unchanged.clear();
    for (const element of all("[data-project]")) element.hidden = !every && !chosen.has(element.dataset.project);
    for (const element of all(".unfiltered")) element.hidden = !every;
    for (const element of all(".of-all")) element.hidden = every;
    for (const element of all(".parallel")) element.hidden = !element.querySelector("td").textContent;
    byId("chosen").hidden = every;
    byId("chosen").textContent = every ? "" : `${chosen.size} of ${boxes.length} projects`;
    if (!every) showTotals(rows.filter((row) => chosen.has(row.dataset.project)));
  };

  // -- one day at a time --

  const stepper = byId("stepper");
  const parts = all(".part");
  let at = -1;

  const show = (number, focus) => {
    at = number;
    parts.forEach((part, k) => { part.hidden = at >= 0 && k !== at; });
    byId("single").setAttribute("aria-pressed", String(at >= 0));
    const group = (k) => parts[k].dataset.group;
    for (const button of all("[data-step], [data-leap]", stepper)) {
      button.disabled = target(button) === null;
      button.hidden = at < 0 || (button.dataset.leap && group(0) === group(parts.length - 1));
    }
    byId("where").textContent = at < 0 ? "" : `${at + 1} of ${parts.length}: ${parts[at].querySelector("h3").textContent}`;
    if (focus && at >= 0) stepper.scrollIntoView({ block: "nearest" });
  };
  const target = ({ dataset: { step, leap } }) => {
    if (at < 0) return null;
    if (step) return parts[at + Number(step)] ? at + Number(step) : null;
    const way = Number(leap);
    let k = at;
    while (parts[k] && parts[k].dataset.group === parts[at].dataset.group) k += way;
    if (!parts[k]) return null;
    // The first of its group, whichever way it was reached.
    while (parts[k - 1] && parts[k - 1].dataset.group === parts[k].dataset.group) k -= 1;
    return k;
  };
  const move = (how) => {
    const next = target({ dataset: how });
    if (next !== null) {
      show(next, true);
      remember();
    }
  };

  // -- both in the address --

  const remember = () => {
    const state = new URLSearchParams();
    if (at >= 0) state.set("at", parts[at].id);
    const chosen = boxes.filter((box) => box.checked);
    if (chosen.length < boxes.length) state.set("only", chosen.map((box) => box.value).join("."));
    history.replaceState(null, "", `#${state}`);
  };
  const recall = () => {
    const words = location.hash.slice(1);
    const state = new URLSearchParams(words);
    const numbers = (state.get("only") ?? "").split(".");
    if (filter) {
      for (const box of boxes) box.checked = !state.has("only") || numbers.includes(box.value);
      choose();
    }
    if (parts.length < 2) return;
    const named = parts.findIndex((part) => part.id === state.get("at"));
    const linked = parts.findIndex((part) => part.id === words);
    if (named >= 0) show(named, false);
    else if (at >= 0 && linked >= 0) show(linked, true);
    else if (linked < 0 && words === "") show(-1, false);
    if (linked >= 0) parts[linked].focus();
  };

  if (filter) {
    filter.hidden = false;
    filter.addEventListener("change", () => { choose(); remember(); });
    for (const [id, checked] of [["all", true], ["none", false]]) {
      byId(id).addEventListener("click", () => {
        for (const box of boxes) box.checked = checked;
        choose();
        remember();
      });
    }
  }
  if (parts.length > 1) {
    stepper.hidden = false;
    show(-1, false);
    byId("single").addEventListener("click", () => { show(at < 0 ? Math.max(0, latest()) : -1, true); remember(); });
    for (const button of all("[data-step], [data-leap]", stepper)) {
      button.addEventListener("click", () => {
        move({ ...button.dataset });
        if (button.disabled) byId("single").focus();
      });
    }
    document.addEventListener("keydown", (event) => {
      const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      const busy = event.target.closest?.("input, .scrolled") || event.ctrlKey || event.altKey || event.metaKey;
      if (!way || busy || at < 0) return;
      event.preventDefault();
      move({ [event.shiftKey ? "leap" : "step"]: String(document.dir === "rtl" ? -way : way) });
    });
  }
  // The last part that has time: where one who looks at a running week wants to be.
  function latest() {
    return parts.findLastIndex((part) => part.querySelector("table"));
  }
  addEventListener("hashchange", recall);
  recall();
})();
