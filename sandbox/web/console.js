"use strict";
(() => {
  const body = document.body;
  const byId = (id) => document.getElementById(id);
  const most = 100; // calls on the page

  // The clock of the sandbox runs as fast as the machine's.
  let ahead = 0;
  const setClock = (element) => { ahead = Number(element.dataset.now) - Date.now(); };
  const pad = (n) => String(n).padStart(2, "0");
  const moscow = 3 * 60 * 60 * 1000;
  const tick = () => {
    const now = Date.now() + ahead;
    const d = new Date(now + moscow);
    byId("clock").textContent = `${pad(d.getUTCDate())}.${pad(d.getUTCMonth() + 1)}.${d.getUTCFullYear()} ${pad(d.getUTCHours())}:${pad(d.getUTCMinutes())}:${pad(d.getUTCSeconds())}`;
    let expired = false;
    for (const e of document.querySelectorAll(".countdown")) {
      const left = Math.max(0, Math.floor((Number(e.dataset.until) - now) / 1000));
      e.textContent = `${Math.floor(left / 60)}:${pad(left % 60)}`;
      e.classList.toggle("soon", left < 120);
      expired ||= left === 0;
    }
    if (expired) refresh();
  };

  // New state replaces the old; open details and the focus stay.
  let waiting = 0, fetching = false;
  const refresh = () => {
    if (waiting) return;
    waiting = setTimeout(async () => {
      waiting = 0;
      if (fetching) { refresh(); return; }
      fetching = true;
      try {
        const answer = await fetch(body.dataset.state);
        if (answer.ok) show(new DOMParser().parseFromString(await answer.text(), "text/html"));
      } catch { /* the next event tries again */ }
      fetching = false;
    }, 150);
  };
  const open = new Map(); // what the user has opened or closed
  document.addEventListener("click", (event) => {
    const details = event.target.closest("#books summary")?.parentElement;
    if (details) open.set(details.id, !details.open);
  });
  const show = (fresh) => {
    const focused = document.activeElement?.id;
    for (const id of ["tiles", "books"]) byId(id).replaceChildren(...fresh.getElementById(id).childNodes);
    for (const [id, isOpen] of open) { const d = byId(id); if (d) d.open = isOpen; }
    if (focused && document.activeElement?.id !== focused) byId(focused)?.focus();
    setClock(fresh.getElementById("clock"));
    tick();
  };

  const notice = (text) => { const n = byId("notice"); n.hidden = !text; n.textContent = text; };

  // Forms are sent without leaving the page.
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    event.preventDefault();
    if (form.dataset.confirm && !confirm(form.dataset.confirm)) return;
    const data = new URLSearchParams(new FormData(form, event.submitter));
    const action = new URL(form.getAttribute("action"), location.href);
    try {
      const answer = await fetch(action, { method: "POST", body: data, headers: { Accept: "text/plain" } });
      notice(answer.ok ? "" : `${body.dataset.failed} ${(await answer.json()).error}`);
    } catch (problem) { notice(`${body.dataset.failed} ${problem.message}`); }
    refresh();
  });

  const clearCalls = () => { arrived = arrived && []; byId("calls").replaceChildren(); byId("no-calls").hidden = false; };
  const add = (item) => {
    const calls = byId("calls");
    if (byId(item.id)) return;
    calls.prepend(item);
    while (calls.children.length > most) calls.lastElementChild.remove();
    byId("no-calls").hidden = true;
  };

  // A new connection may have missed calls, or be one to a sandbox that was started
  // again and counts from 1.
  let arrived = null; // calls during a reload
  const reload = async () => {
    arrived = [];
    try {
      const answer = await fetch(location.href);
      if (answer.ok) {
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
        byId("calls").replaceChildren(...fresh.getElementById("calls").childNodes);
        byId("no-calls").hidden = byId("calls").children.length > 0;
        arrived.forEach(add);
        show(fresh);
      }
    } catch { /* the next connection tries again */ }
    arrived = null;
  };

  // Calls arrive as HTML that the server has escaped.
  const listen = () => {
    const events = new EventSource(body.dataset.events);
    const live = byId("live");
    events.onopen = () => { live.textContent = body.dataset.live; live.classList.add("on"); reload(); };
    events.onerror = () => { live.textContent = body.dataset.reconnecting; live.classList.remove("on"); };
    events.addEventListener("changed", refresh);
    events.addEventListener("cleared", () => { clearCalls(); refresh(); });
    events.addEventListener("call", (event) => {
      const item = new DOMParser().parseFromString(event.data, "text/html").querySelector("li");
      if (item) {
        item.classList.add("new");
        arrived?.push(item);
        add(item);
      }
      refresh();
    });
  };

  setClock(byId("clock"));
  tick();
  setInterval(tick, 1000);
  listen();
})();
