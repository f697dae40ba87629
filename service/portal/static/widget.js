// Duijie widgets: <duijie-matches need="…">, <duijie-search>, <duijie-latest side="needs">, each with key="djs_…".
// Attributes: key, need or capability, side, domain, limit, lang (zh, ug, ru, en). Looks: --duijie-ink, --duijie-quiet,
// --duijie-line, --duijie-ground, --duijie-accent, --duijie-font. What is shown is bound by the key's settings on the server.

const BASE = new URL(import.meta.url).origin;
const PATIENCE = 10_000;
const ASK_AGAIN = 5_000;

const WORDS = {
  zh: { matches: "匹配结果", search: "查找技术供需", needs: "最新需求", capabilities: "最新供给", loading: "正在加载…", empty: "暂无内容", indexing: "正在建立索引，稍后自动刷新", failed: "暂时无法加载", again: "重试", find: "查找", ask: "您想解决什么问题？", score: "匹配度", from: "来自技术供需对接平台", illustration: "示例" },
  ug: { matches: "ماس كەلگەن نەتىجىلەر", search: "تەمىنات-ئېھتىياج ئىزدەش", needs: "ئەڭ يېڭى ئېھتىياجلار", capabilities: "ئەڭ يېڭى تەمىناتلار", loading: "يۈكلىنىۋاتىدۇ…", empty: "ھازىرچە مەزمۇن يوق", indexing: "ئىندېكس قۇرۇلۇۋاتىدۇ، سەل تۇرۇپ يېڭىلىنىدۇ", failed: "ھازىرچە يۈكلىگىلى بولمىدى", again: "قايتا سىناش", find: "ئىزدەش", ask: "قايسى مەسىلىنى ھەل قىلماقچى؟", score: "ماسلىق دەرىجىسى", from: "تېخنىكا تەمىنات-ئېھتىياج سۇپىسىدىن", illustration: "مىسال" },
  ru: { matches: "Подходящие предложения", search: "Поиск", needs: "Новые запросы", capabilities: "Новые предложения", loading: "Загрузка…", empty: "Пока пусто", indexing: "Индексируется, скоро обновится", failed: "Сейчас не загружается", again: "Повторить", find: "Найти", ask: "Какую задачу нужно решить?", score: "Соответствие", from: "Платформа спроса и предложения технологий", illustration: "Пример" },
  en: { matches: "Matches", search: "Find technology", needs: "Latest needs", capabilities: "Latest capabilities", loading: "Loading…", empty: "Nothing yet", indexing: "Being indexed; refreshes shortly", failed: "Cannot be loaded at the moment", again: "Try again", find: "Search", ask: "What would you like to solve?", score: "Match", from: "From the technology matchmaking platform", illustration: "Example" },
};

const STYLE = new CSSStyleSheet();
STYLE.replaceSync(`
:host { display: block; color: var(--duijie-ink, #1c2430); background: var(--duijie-ground, transparent); font: var(--duijie-font, 1rem/1.6 system-ui, "PingFang SC", "Noto Sans SC", "Microsoft YaHei", sans-serif); overflow-wrap: anywhere; }
:host([hidden]) { display: none; }
h2 { font-size: 1.125em; margin: 0 0 .5em; }
ul { list-style: none; margin: 0; padding: 0; border-top: 1px solid var(--duijie-line, #d5dbe3); }
li { border-bottom: 1px solid var(--duijie-line, #d5dbe3); padding-block: .75em; }
a { color: var(--duijie-accent, #0b5394); font-weight: 600; text-underline-offset: .2em; }
p { margin: .25em 0 0; }
.quiet { color: var(--duijie-quiet, #5a6675); font-size: .875em; }
.score { font-weight: 600; font-variant-numeric: tabular-nums; }
form { display: flex; flex-wrap: wrap; gap: .5em; margin-bottom: .75em; }
input { flex: 1 1 10em; min-width: 0; font: inherit; color: inherit; background: transparent; border: 1px solid var(--duijie-quiet, #7a8694); border-radius: 4px; padding: .4em .6em; }
button { font: inherit; cursor: pointer; border: 1px solid var(--duijie-accent, #0b5394); border-radius: 4px; padding: .4em 1em; color: var(--duijie-accent, #0b5394); background: transparent; }
:focus-visible { outline: 3px solid #f2a900; outline-offset: 2px; }
[dir=ltr] [dir=auto] { text-align: left; }
[dir=rtl] [dir=auto] { text-align: right; }
`);

/** An element with properties and children; text never becomes markup. */
function make(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

class Embedded extends HTMLElement {
  static observedAttributes = ["key", "need", "capability", "side", "domain", "limit", "lang"];
  #root = this.attachShadow({ mode: "open" });
  #asking;
  #timer;
  #written = "";
  #started = false;
  #due = false;

  connectedCallback() {
    this.#root.adoptedStyleSheets = [STYLE];
    this.#started = true;
    this.#begin();
  }

  disconnectedCallback() {
    this.#started = false;
    this.#asking?.abort();
    clearTimeout(this.#timer);
  }

  // Attributes that are there from the start are told one by one before; several that change at once are one change.
  attributeChangedCallback() {
    if (!this.#started || this.#due) return;
    this.#due = true;
    queueMicrotask(() => {
      this.#due = false;
      if (this.#started) this.#begin();
    });
  }

  get #language() {
    const wished = (this.getAttribute("lang") || document.documentElement.lang || "zh").split("-")[0].toLowerCase();
    return wished in WORDS ? wished : "zh";
  }

  get #side() {
    return this.getAttribute("side") === "needs" ? "needs" : "capabilities";
  }

  #begin() {
    const words = WORDS[this.#language];
    this.#root.replaceChildren();
    const title = make("h2", { id: "title", textContent: words[this.element === "latest" ? this.#side : this.element] });
    this.place = make("div");
    this.place.setAttribute("aria-live", "polite");
    const section = make("section", { dir: this.#language === "ug" ? "rtl" : "ltr", lang: this.#language }, title);
    section.setAttribute("aria-labelledby", "title");
    if (this.element === "search") section.append(this.#form(words));
    section.append(this.place, make("p", { className: "quiet" }, make("a", { href: `${BASE}/?lang=${this.#language}`, target: "_blank", rel: "noopener", textContent: words.from })));
    this.#root.append(section);
    if (this.element !== "search" || this.#written) this.#ask();
  }

  #form(words) {
    const field = make("input", { type: "search", name: "q", required: true, maxLength: 2000, value: this.#written, placeholder: words.ask });
    field.setAttribute("aria-label", words.ask);
    const form = make("form", {}, field, make("button", { textContent: words.find }));
    form.setAttribute("role", "search");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#written = field.value.trim();
      this.#ask();
    });
    return form;
  }

  async #ask() {
    const words = WORDS[this.#language];
    clearTimeout(this.#timer);
    this.#asking?.abort();
    const asking = (this.#asking = new AbortController());
    this.place.setAttribute("aria-busy", "true");
    this.place.replaceChildren(make("p", { className: "quiet", textContent: words.loading }));
    const address = new URL(`/v1/embedded/${this.element}`, BASE);
    for (const name of ["key", "need", "capability", "side", "domain", "limit"]) {
      const value = this.getAttribute(name);
      if (value) address.searchParams.set(name, value);
    }
    address.searchParams.set("lang", this.#language);
    if (this.element === "search") address.searchParams.set("q", this.#written);
    try {
      const answer = await fetch(address, { signal: AbortSignal.any([asking.signal, AbortSignal.timeout(PATIENCE)]), credentials: "omit", headers: { Accept: "application/json", "Accept-Language": this.#language } });
      const told = await answer.json();
      if (answer.ok) this.#show(told, words);
      else this.#fail(words, told.title);
    } catch {
      if (!asking.signal.aborted) this.#fail(words);
    } finally {
      if (asking === this.#asking) this.place.removeAttribute("aria-busy");
    }
  }

  #show(told, words) {
    if (told.status === "indexing") {
      this.place.replaceChildren(make("p", { className: "quiet", textContent: words.indexing }));
      this.#timer = setTimeout(() => this.#ask(), ASK_AGAIN);
    } else if (told.items.length) {
      this.place.replaceChildren(make("ul", {}, ...told.items.map((item) => this.#item(item, words))));
    } else {
      this.place.replaceChildren(make("p", { className: "quiet", textContent: told.note || words.empty }));
    }
  }

  #item(item, words) {
    const shown = make("li", {}, make("div", { dir: "auto" }, make("a", { href: item.href, target: "_blank", rel: "noopener", textContent: item.title })));
    shown.append(make("p", { className: "quiet", textContent: [...(item.illustration ? [words.illustration] : []), item.organization, ...item.about].join(" · ") }));
    if (item.score !== null) shown.append(make("p", { className: "score", textContent: `${words.score} ${Math.round(item.score * 100)}%` }));
    if (item.summary) shown.append(make("p", { textContent: item.summary }));
    return shown;
  }

  #fail(words, reason) {
    const again = make("button", { type: "button", textContent: words.again });
    again.addEventListener("click", () => this.#ask());
    const told = make("p", { textContent: reason || words.failed });
    told.setAttribute("role", "alert");
    this.place.replaceChildren(told, again);
  }
}

for (const element of ["matches", "search", "latest"]) {
  if (!customElements.get(`duijie-${element}`)) {
    customElements.define(`duijie-${element}`, class extends Embedded { element = element; });
  }
}
