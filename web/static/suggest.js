// The search box completes names while they are typed. Without this script, or when the server does not answer, it is a
// plain form. It is a combobox as WAI-ARIA has it: arrows choose, Enter opens, Escape closes.
(() => {
  const input = document.getElementById("q");
  if (!input || !window.fetch || !window.AbortController) return;
  const list = document.createElement("ul");
  const live = document.createElement("p");
  const kinds = { performance: "공연", artist: "아티스트", venue: "공연장" };
  let asked = null, timer = 0, at = -1;

  list.id = "suggestions";
  list.className = "suggest";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "추천 검색어");
  live.className = "hide";
  live.setAttribute("role", "status");
  input.form.append(list, live);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" })) input.setAttribute(name, value);

  const close = () => {
    list.hidden = true;
    at = -1;
    live.textContent = "";
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const row = (one, i) => {
    const item = document.createElement("li"), link = document.createElement("a"), note = document.createElement("span");
    item.id = "suggestion-" + i;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    link.href = one.url;
    link.tabIndex = -1;
    link.append(one.text);
    note.className = "sub";
    note.append(kinds[one.kind] + " · " + (one.detail || "공연 " + one.current + "건"));
    link.append(note);
    item.append(link);
    return item;
  };

  const ask = async () => {
    if (asked) asked.abort();
    const typed = input.value.trim();
    if (!typed) return close();
    const mine = (asked = new AbortController());
    try {
      const answer = await fetch("/api/v1/suggest?limit=8&q=" + encodeURIComponent(typed), { signal: mine.signal });
      if (!answer.ok || mine !== asked) return;
      const found = (await answer.json()).data;
      list.replaceChildren(...found.map(row));
      close();
      if (document.activeElement !== input) return;
      if (!found.length) {
        live.textContent = "추천이 없습니다.";
        return;
      }
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      live.textContent = "추천 " + found.length + "건. 위아래 화살표로 고르세요.";
    } catch (e) {
      if (e.name !== "AbortError") close();
    }
  };

  const choose = (to) => {
    const items = list.children;
    if (at >= 0) items[at].setAttribute("aria-selected", "false");
    at = to < -1 ? items.length - 1 : to >= items.length ? -1 : to;
    if (at < 0) return input.removeAttribute("aria-activedescendant");
    items[at].setAttribute("aria-selected", "true");
    items[at].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", items[at].id);
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 90);
  });
  input.addEventListener("keydown", (e) => {
    if (e.isComposing) return;
    if (list.hidden) {
      if (e.key === "ArrowDown") ask();
      return;
    }
    if (e.key === "ArrowDown") choose(at + 1);
    else if (e.key === "ArrowUp") choose(at - 1);
    else if (e.key === "Enter" && at >= 0) list.children[at].firstChild.click();
    else if (e.key === "Escape") close();
    else return;
    e.preventDefault();
  });
  input.addEventListener("blur", () => setTimeout(() => list.contains(document.activeElement) || close(), 150));
  list.addEventListener("mousedown", (e) => e.preventDefault());
})();
