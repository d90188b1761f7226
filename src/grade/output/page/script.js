"use strict";
// Everything of students goes into the page as text, never as markup.
(() => {
  const $ = (id) => document.getElementById(id);
  const overview = $("overview"), detail = $("detail"), table = $("rows"), body = table.tBodies[0];
  const rows = [...body.rows];
  let order = rows.map((_, at) => at), shown = order.slice(), open = -1, at = -1, scrolled = 0;
  document.body.classList.add("live");

  const el = (tag, props, ...inside) => {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(props || {})) {
      if (key === "class") node.className = value;
      else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
      else if (key in node && key !== "list") node[key] = value;
      else node.setAttribute(key, value);
    }
    node.append(...inside.filter((one) => one !== null && one !== undefined && one !== ""));
    return node;
  };
  // What stands in backticks is code.
  const prose = (text) => String(text).split("`").map((part, at) => (at % 2 ? el("code", {}, part) : part));

  $("theme").addEventListener("click", () => {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });

  // The list: find, filter, sort, move.
  const find = $("find"), flagged = $("flagged");
  const texts = rows.map((row) => row.cells[0].textContent.toLowerCase());
  const update = () => {
    const wanted = find.value.trim().toLowerCase();
    shown = order.filter((at) => texts[at].includes(wanted) && (!flagged.checked || rows[at].cells[rows[at].cells.length - 1].textContent));
    const visible = new Set(shown);
    rows.forEach((row, at) => { row.hidden = !visible.has(at); });
    $("count").textContent = shown.length + " of " + rows.length;
    at = -1;
  };
  find.addEventListener("input", update);
  flagged.addEventListener("change", update);
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const sort = () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const keys = rows.map((row) => { const text = row.cells[column].textContent; return column ? parseFloat(text) || (text === "?" ? -1 : 0) : text; });
      const by = (a, b) => (column ? keys[a] - keys[b] : keys[a].localeCompare(keys[b])) || a - b;
      order = rows.map((_, at) => at).sort((a, b) => (up ? by(a, b) : by(b, a)));
      body.append(...order.map((at) => rows[at]));
      update();
    };
    head.tabIndex = 0;
    head.addEventListener("click", sort);
    head.addEventListener("keydown", (event) => { if (event.key === "Enter") sort(); });
  });
  body.addEventListener("click", (event) => {
    const row = event.target.closest("tr");
    if (row && !event.target.closest("a") && !String(getSelection())) location.hash = "s" + rows.indexOf(row);
  });
  const move = (by) => {
    if (!shown.length) return;
    if (at >= 0) rows[shown[at]].classList.remove("on");
    at = Math.max(0, Math.min(shown.length - 1, at + by));
    const row = rows[shown[at]];
    if (row) { row.classList.add("on"); row.querySelector("a").focus(); row.scrollIntoView({block: "nearest"}); }
  };

  // One submission.
  const short = (path, of) => { const head = of.submission + "/"; const from = path.indexOf(head); return from < 0 ? path : path.slice(from + head.length) || path; };
  const where = (path, line) => path + (line ? ":" + line : "");
  const go = (path, line) => {
    const file = [...detail.querySelectorAll(".file")].find((file) => file.dataset.path === path);
    if (!file) return;
    file.open = true;
    fill(file);
    const target = line && file.querySelector(`[data-line="${line}"]`);
    for (const old of detail.querySelectorAll(".now")) old.classList.remove("now");
    (target || file).scrollIntoView({block: "center"});
    if (target) target.classList.add("now");
  };
  const link = (data, path, line) => {
    const text = where(short(path, data), line);
    if (!data.code.some((code) => code.path === path)) return el("code", {}, text);
    return el("a", {href: "#s" + open, onclick: (event) => { event.preventDefault(); go(path, line); }}, text);
  };
  const points = (value) => String(Math.round(value * 100) / 100);

  const markOf = (data, mark) => el("section", {class: "mark " + mark.outcome},
    el("h3", {}, el("span", {}, (mark.section ? mark.section + " " : "") + mark.title),
      el("span", {}, (mark.outcome === "unjudged" ? "?" : points(mark.points)) + " / " + points(mark.out_of))),
    mark.note && el("p", {}, ...prose(mark.note)),
    mark.review ? el("p", {class: "review"}, "For a person: " + mark.review) : "",
    el("ul", {}, ...mark.reasons.map((reason) => el("li", {},
      el("span", {class: reason.good ? "yes" : "no"}, ...prose(reason.text)),
      el("ul", {}, ...reason.places.slice(0, 30).map((place) => el("li", {}, link(data, place.path, place.line), place.text ? "  " + place.text : "")),
        reason.places.length > 30 ? el("li", {}, "and " + (reason.places.length - 30) + " more") : "")))));

  const findingOf = (data, one) => el("div", {class: "finding " + one.severity, tabIndex: -1},
    el("p", {}, ...prose(one.message), " ", el("span", {class: "rule"}, one.rule + (one.graded ? "" : ", not graded"))),
    one.flow.length ? el("ol", {}, ...one.flow.map((step) => el("li", {}, link(data, step.path, step.line), " ", ...prose(step.note)))) : "",
    one.help && el("p", {}, ...prose(one.help)));

  // Lines of a file are made when it is opened.
  const fill = (file) => {
    if (file.dataset.filled) return;
    file.dataset.filled = "1";
    const data = file.data, code = data.code.find((code) => code.path === file.dataset.path);
    const findings = new Map(), steps = new Set(), changed = new Set(code.changed);
    for (const one of data.findings) {
      if (one.path === code.path) findings.set(one.line, [...(findings.get(one.line) || []), one]);
      for (const step of one.flow) if (step.path === code.path) steps.add(step.line);
    }
    const box = el("div", {class: "code", tabIndex: 0, role: "region", "aria-label": code.path});
    code.text.split("\n").forEach((text, index) => {
      const line = index + 1, hits = findings.get(line);
      const kind = "l" + (changed.has(line) ? " changed" : "") + (hits ? " hit" : steps.has(line) ? " step" : "");
      box.append(el("span", {class: kind, "data-line": line}, el("i", {}, String(line)), text.replace(/\r$/, "")));
      for (const one of hits || []) box.append(findingOf(data, one));
    });
    file.append(box);
  };

  const fileOf = (data, code, first) => {
    const many = data.findings.filter((one) => one.path === code.path).length;
    const file = el("details", {class: "file", "data-path": code.path},
      el("summary", {}, short(code.path, data) + (many ? " – " + many + (many === 1 ? " finding" : " findings") : "")));
    file.data = data;
    file.addEventListener("toggle", () => { if (file.open) fill(file); });
    if (first) { file.open = true; fill(file); }
    return file;
  };

  const listed = (title, items) => (items.length ? el("section", {}, el("h2", {}, title), el("ul", {class: "plain"}, ...items.map((item) => el("li", {}, ...item)))) : "");

  const page = (index) => {
    const data = JSON.parse($("d" + index).textContent);
    const who = data.students.map((one) => [one.name, one.id, one.email].filter((text) => text && text !== data.submission).join(", ")).filter(Boolean);
    const place = shown.indexOf(index), to = (by) => () => { const next = shown[place + by]; if (next !== undefined) location.hash = "s" + next; };
    return [
      el("nav", {class: "bar", "aria-label": "Submissions"},
        el("button", {type: "button", onclick: () => { location.hash = ""; }}, "Back to the list"),
        el("button", {type: "button", disabled: place <= 0, onclick: to(-1)}, "Previous"),
        el("button", {type: "button", disabled: place < 0 || place + 1 >= shown.length, onclick: to(1)}, "Next"),
        el("button", {type: "button", onclick: () => print()}, "Print"),
        el("span", {class: "keys"}, el("kbd", {}, "Esc"), " back ", el("kbd", {}, "←"), " ", el("kbd", {}, "→"), " others ", el("kbd", {}, "n"), " next finding")),
      el("h2", {tabIndex: -1, id: "who"}, data.submission, " ", el("span", {}, who.join("; "))),
      el("p", {class: "score"}, el("b", {}, points(data.points)), " of " + points(data.out_of),
        data.unchanged ? el("small", {class: "tag"}, "unchanged: this is the hand-out") : ""),
      data.flags.length ? el("div", {class: "flags"}, el("b", {}, "To look at"), el("ul", {}, ...data.flags.map((flag) => el("li", {}, ...prose(flag))))) : "",
      ...data.marks.map((mark) => markOf(data, mark)),
      listed("Adjustments", data.adjustments.map((one) => [(one.points > 0 ? "+" : "") + points(one.points) + " " + one.reason])),
      data.code.length ? el("h2", {}, "Code") : "",
      ...data.code.map((code, at) => fileOf(data, code, at === 0)),
      listed("Copies", data.copies.length > 1 ? data.copies.map((copy) => [el("code", {}, short(copy.path, data)), (copy.graded ? ", graded" : "") + (copy.run_by ? ", run by " + short(copy.run_by, data) : ", not imported") + ", " + copy.findings + " findings"]) : []),
      listed("Changed since the hand-out", data.changes.map((one) => [el("code", {}, one.path), " " + one.how + ", +" + one.added + " −" + one.removed])),
      listed("Files that could not be taken", data.problems.map((one) => [el("code", {}, one.path), " " + one.message])),
      listed("Earlier attempts, not graded", data.earlier.map((one) => [one])),
    ].filter((one) => one !== "");
  };

  const route = () => {
    const match = /^#s(\d+)$/.exec(location.hash), index = match ? Number(match[1]) : -1;
    if (index >= 0 && index < rows.length) {
      if (open < 0) scrolled = scrollY;
      open = index;
      detail.replaceChildren(...page(index));
      detail.hidden = false;
      overview.hidden = true;
      scrollTo(0, 0);
      $("who").focus({preventScroll: true});
    } else if (open >= 0) {
      const last = open;
      open = -1;
      detail.hidden = true;
      overview.hidden = false;
      detail.replaceChildren();
      scrollTo(0, scrolled);
      const link = rows[last].querySelector("a");
      at = shown.indexOf(last);
      link.focus({preventScroll: true});
    }
  };
  addEventListener("hashchange", route);
  addEventListener("beforeprint", () => { for (const file of detail.querySelectorAll(".file")) { fill(file); file.open = true; } });
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.matches("input[type=search]");
    if (event.key === "Escape") { if (open >= 0) location.hash = ""; else event.target.blur(); return; }
    if (typing) return;
    if (open < 0) {
      if (event.key === "/") { event.preventDefault(); find.focus(); }
      if (event.key === "j") move(1);
      if (event.key === "k") move(-1);
      return;
    }
    const step = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    const next = step && !event.target.closest(".code") && shown[shown.indexOf(open) + step];
    if (next !== undefined && next !== false) location.hash = "s" + next;
    if (event.key === "n" || event.key === "p") {
      const all = [...detail.querySelectorAll(".finding")];
      const now = all.indexOf(document.activeElement.closest(".finding"));
      const target = all[event.key === "n" ? now + 1 : now - 1] || all[0];
      if (target) { target.focus({preventScroll: true}); target.scrollIntoView({block: "center"}); }
    }
  });
  update();
  route();
})();
