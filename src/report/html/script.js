"use strict";
(() => {
  const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
  const one = (selector) => document.querySelector(selector);
  const root = document.documentElement;
  document.body.classList.add("live");

  // ---- theme
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
  const turn = () => { root.dataset.theme = isDark() ? "light" : "dark"; };
  one("#theme").addEventListener("click", turn);

  // ---- groups and filter
  const findings = all("details.finding");
  const groups = one("#groups");
  const filter = one("#filter");
  const by = one("#by");
  const open = one("#open");
  const rank = { error: 0, warning: 1, note: 2, credential: 0, payment: 1, personal: 2, content: 3, none: 4 };
  const texts = new Map(findings.map((finding) => [finding, finding.textContent.toLowerCase()]));

  const regroup = () => {
    const kind = by.value;
    const parts = new Map();
    for (const finding of findings) {
      const key = finding.dataset[kind];
      if (!parts.has(key)) parts.set(key, []);
      parts.get(key).push(finding);
    }
    let keys = [...parts.keys()];
    if (kind === "file") keys.sort();
    else if (kind !== "rule") keys.sort((a, b) => rank[a] - rank[b]);
    groups.replaceChildren(...keys.map((key) => {
      const section = document.createElement("section");
      section.className = "group";
      const title = document.createElement("h3");
      const count = document.createElement("span");
      title.append(key === "none" ? "no category" : key, " ", count);
      section.append(title, ...parts.get(key));
      return section;
    }));
    sift();
  };

  const sift = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const finding of findings) {
      const fits = words.every((word) => texts.get(finding).includes(word));
      finding.classList.toggle("hidden", !fits);
      if (fits) shown += 1;
    }
    for (const group of all(".group")) {
      const count = all("details.finding:not(.hidden)", group).length;
      group.classList.toggle("hidden", count === 0);
      group.querySelector("h3 span").textContent = count;
    }
    one("#count").textContent = `${shown} of ${findings.length}`;
  };

  const openAll = () => {
    const closed = findings.some((finding) => !finding.open);
    findings.forEach((finding) => { finding.open = closed; });
    open.textContent = closed ? "Close all" : "Open all";
  };

  if (groups) {
    by.addEventListener("change", regroup);
    filter.addEventListener("input", sift);
    open.addEventListener("click", openAll);
    regroup();
  }

  // ---- stepping
  const visible = () => all("details.finding:not(.hidden)").filter((finding) => !finding.closest(".hidden"));
  const current = () => document.activeElement.closest("details.finding") || one("details.finding.current");
  const go = (step) => {
    const list = visible();
    if (list.length === 0) return;
    const at = list.indexOf(current());
    const next = list[Math.min(Math.max(at + step, 0), list.length - 1)];
    all("details.finding.current").forEach((finding) => finding.classList.remove("current"));
    next.classList.add("current");
    next.querySelector("summary").focus();
    next.scrollIntoView({ block: "nearest" });
  };
  const walk = (step) => {
    const finding = current() || visible()[0];
    if (!finding) return;
    finding.open = true;
    const steps = all(".step", finding);
    const at = steps.findIndex((one) => one.classList.contains("now"));
    const next = steps[at < 0 ? (step > 0 ? 0 : steps.length - 1) : Math.min(Math.max(at + step, 0), steps.length - 1)];
    all(".step.now").forEach((one) => one.classList.remove("now"));
    if (next) {
      next.classList.add("now");
      next.focus({ preventScroll: true });
      next.scrollIntoView({ block: "center" });
    }
  };
  const keys = {
    j: () => go(1), k: () => go(-1), n: () => walk(1), p: () => walk(-1), t: turn,
    o: () => groups && openAll(), "/": () => filter && filter.focus(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input, select")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (keys[event.key]) {
      event.preventDefault();
      keys[event.key]();
    }
  });

  // ---- a link to a finding opens it
  const follow = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    if (target && target.matches("details")) target.open = true;
  };
  addEventListener("hashchange", follow);
  follow();

  // ---- printing shows everything
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all("details:not([open])");
    closed.forEach((one) => { one.open = true; });
  });
  addEventListener("afterprint", () => closed.forEach((one) => { one.open = false; }));

  // ---- the graph: what hangs together with a node
  const svg = one("#graph svg");
  if (svg) {
    const edges = all(".edge", svg);
    const reach = (start, from, to) => {
      const seen = new Set([start]);
      for (let grown = true; grown;) {
        grown = false;
        for (const edge of edges) {
          if (seen.has(edge.dataset[from]) && !seen.has(edge.dataset[to])) {
            seen.add(edge.dataset[to]);
            grown = true;
          }
        }
      }
      return seen;
    };
    const pick = (node) => {
      svg.classList.toggle("picked", Boolean(node));
      const name = node && node.dataset.node;
      const before = node ? reach(name, "to", "from") : new Set();
      const after = node ? reach(name, "from", "to") : new Set();
      all(".node", svg).forEach((one) => one.classList.toggle("on", before.has(one.dataset.node) || after.has(one.dataset.node)));
      edges.forEach((edge) => {
        const { from, to } = edge.dataset;
        edge.classList.toggle("on", (before.has(from) && before.has(to)) || (after.has(from) && after.has(to)));
      });
    };
    all(".node", svg).forEach((node) => {
      node.addEventListener("focus", () => pick(node));
      node.addEventListener("mouseenter", () => pick(node));
      node.addEventListener("mouseleave", () => pick(null));
      node.addEventListener("blur", () => pick(null));
    });
  }

  // ---- sorting tables
  for (const table of all("table.sortable")) {
    all("th", table).forEach((head, column) => {
      head.tabIndex = 0;
      const sort = () => {
        const up = head.getAttribute("aria-sort") !== "ascending";
        all("th", table).forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        const body = table.tBodies[0];
        const rows = [...body.rows];
        rows.sort((a, b) => a.cells[column].textContent.localeCompare(b.cells[column].textContent, "en", { numeric: true }) * (up ? 1 : -1));
        body.append(...rows);
      };
      head.addEventListener("click", sort);
      head.addEventListener("keydown", (event) => { if (event.key === "Enter") sort(); });
    });
  }
})();
