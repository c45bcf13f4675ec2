"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const form = byId("filter"), count = byId("count");
  const fields = ["find", "state", "check", "cluster"].map(byId);
  const [find, ...choices] = fields;
  const collator = new Intl.Collator("en", { numeric: true });
  let rows = [];

  // --- the table of students: each row is read once, and a filter only hides and shows ---

  function read() {
    rows = [...byId("rows").rows].map((row) => ({
      row,
      text: (row.cells[0].textContent + " " + row.cells[row.cells.length - 1].textContent).toLocaleLowerCase(),
      sets: choices.map((choice) => new Set(row.dataset[choice.id].split(" "))),
    }));
  }

  function filter() {
    const words = find.value.toLocaleLowerCase().trim();
    let shown = 0;
    for (const { row, text, sets } of rows) {
      const fits = text.includes(words) && choices.every((choice, i) => !choice.value || sets[i].has(choice.value));
      if (row.hidden === fits) row.hidden = !fits;
      if (fits) shown += 1;
    }
    const all = rows.length;
    const told = shown === all ? `${all} student${all === 1 ? "" : "s"}` : `${shown} of ${all} students`;
    if (count.textContent !== told) count.textContent = told;
  }

  let asked = 0;
  function soon() {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(filter);
  }

  function clear() {
    for (const field of fields) field.value = "";
    filter();
  }

  // --- sorting: a button in each heading; the same again turns the order around ---

  const number = (text) => {
    const value = parseFloat(text);
    return Number.isNaN(value) ? -Infinity : value;
  };

  function sort(heading) {
    const place = heading.cellIndex, falling = heading.getAttribute("aria-sort") === "descending" ? -1 : 1;
    const body = heading.closest("table").tBodies[0];
    const value = heading.dataset.type === "n" ? number : (text) => text;
    const order = heading.dataset.type === "n" ? (a, b) => (a < b ? -1 : a > b ? 1 : 0) : collator.compare;
    const keyed = [...body.rows].map((row) => [value(row.cells[place].textContent.trim()), row]);
    keyed.sort((a, b) => falling * order(a[0], b[0]));
    let next = body.rows[0];
    for (const [, row] of keyed) {
      if (row === next) next = next.nextElementSibling;
      else body.insertBefore(row, next); // what stands right is not moved: after an update that is nearly all
    }
  }

  function turn(heading) {
    const rising = heading.getAttribute("aria-sort") !== "ascending";
    for (const other of heading.parentNode.cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", rising ? "ascending" : "descending");
    sort(heading);
  }

  function show(kind, value) {
    for (const field of fields) field.value = field.id === kind ? value : "";
    filter();
    byId("students-title").scrollIntoView();
    byId(kind).focus({ preventScroll: true });
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button"), link = event.target.closest('a[href^="#s"]');
    if (button && button.closest("thead")) turn(button.closest("th"));
    else if (button && button.dataset.show) show(button.dataset.show, button.dataset.value);
    const row = link && byId(link.getAttribute("href").slice(1));
    if (row && row.hidden) clear(); // what somebody is sent to has to be there
  });
  form.addEventListener("input", soon);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(clear));

  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const each of folded) each.open = true;
  });
  addEventListener("afterprint", () => {
    for (const each of folded) each.open = false;
  });

  function begin() {
    for (const button of document.querySelectorAll("[data-show]")) button.hidden = false;
    form.hidden = false;
    read();
    filter();
  }
  begin();
  if (!("live" in document.documentElement.dataset)) return;

  // --- served: the page takes over what is new, and keeps what the reader has done to it ---

  const kept = new Set(["open", "hidden", "aria-sort"]); // the reader's, or this script's

  function morph(old, fresh) {
    if (old.isEqualNode(fresh)) return;
    if (old.nodeType !== Node.ELEMENT_NODE) {
      old.nodeValue = fresh.nodeValue;
      return;
    }
    for (const { name, value } of [...fresh.attributes]) {
      if (!kept.has(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    for (const { name } of [...old.attributes]) {
      if (!kept.has(name) && !fresh.hasAttribute(name)) old.removeAttribute(name);
    }
    if (old !== count) children(old, fresh);
  }

  function children(old, fresh) {
    const wanted = new Set([...fresh.children].map((child) => child.id).filter(Boolean));
    for (const child of [...old.children]) if (child.id && !wanted.has(child.id)) child.remove();
    const named = new Map([...old.children].filter((child) => child.id).map((child) => [child.id, child]));
    if (old.nodeName === "TBODY" && old.parentNode.querySelector("[aria-sort]")) {
      for (const child of fresh.children) { // the reader's order: rows stay where they are, until they are sorted anew
        const same = named.get(child.id);
        if (same) morph(same, child);
        else old.append(document.importNode(child, true));
      }
      return;
    }
    let next = old.firstChild;
    for (const child of fresh.childNodes) {
      const same = child.id ? named.get(child.id) : next && !next.id && next.nodeName === child.nodeName ? next : null;
      if (!same) {
        old.insertBefore(document.importNode(child, true), next);
      } else {
        if (same !== next) old.insertBefore(same, next);
        morph(same, child);
        next = same.nextSibling;
      }
    }
    while (next) {
      const gone = next;
      next = next.nextSibling;
      gone.remove();
    }
  }

  const labels = () => choices.map((choice) => choice.selectedOptions[0] && choice.selectedOptions[0].textContent);

  function choose(before) {
    choices.forEach((choice, i) => {
      const option = [...choice.options].find((each) => each.textContent === before[i]);
      choice.value = option ? option.value : "";
    });
  }

  // what has the focus, where it is in sight, else what stands at the top of the window, smallest first: it has to
  // stand there afterwards
  function anchor(focused) {
    const place = (each) => each.getBoundingClientRect();
    const seen = (each) => place(each).bottom > 0 && place(each).top < innerHeight;
    if (byId("page").contains(focused) && seen(focused)) return [focused, place(focused).top];
    const inside = [...document.querySelectorAll("main [id]")].reverse();
    const top = (each) => place(each).height > 0 && place(each).top <= 8 && place(each).bottom > 8;
    const found = scrollY > 0 && inside.find(top);
    return found ? [found, place(found).top] : null;
  }

  function take(text) {
    const fresh = new DOMParser().parseFromString(text, "text/html");
    const focused = document.activeElement, chosen = labels(), top = anchor(focused);
    morph(byId("page"), fresh.getElementById("page"));
    version = fresh.documentElement.dataset.live;
    choose(chosen);
    for (const heading of document.querySelectorAll("th[aria-sort]")) sort(heading);
    begin();
    if (focused && focused.isConnected && document.activeElement !== focused) focused.focus({ preventScroll: true });
    if (top && top[0].isConnected) scrollBy({ top: top[0].getBoundingClientRect().top - top[1], behavior: "instant" });
  }

  const words = byId("live"), following = words.textContent;
  let version = document.documentElement.dataset.live;

  async function follow() {
    try {
      const now = await (await fetch("version", { cache: "no-store" })).text();
      if (now !== version) take(await (await fetch("./", { cache: "no-store" })).text());
      if (words.textContent !== following) words.textContent = following;
    } catch {
      words.textContent = "The server has stopped: this page shows what it knew last.";
    }
    setTimeout(follow, 2000);
  }
  follow();
})();
