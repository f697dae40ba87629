// Better with it: while somebody types, what the text is about and what it would find. Without it, a button does the same.
const form = document.querySelector("form[data-hints]");
const place = document.getElementById("hints");
const PAUSE = 600;
let waiting;
let asking;

async function ask() {
  asking?.abort();
  asking = new AbortController();
  try {
    const answer = await fetch(form.dataset.hints, { method: "POST", body: new FormData(form), signal: asking.signal });
    if (answer.ok) place.innerHTML = await answer.text();
  } catch (error) {
    if (error.name !== "AbortError") console.warn(error);
  }
}

form.addEventListener("input", (event) => {
  if (!["title", "wanted_result", "description"].includes(event.target.name)) return;
  clearTimeout(waiting);
  waiting = setTimeout(ask, PAUSE);
});

place.addEventListener("click", (event) => {
  const { field, value } = event.target.dataset;
  if (field === "domains") {
    const box = form.querySelector(`input[name="domains"][value="${CSS.escape(value)}"]`);
    box.checked = true;
    box.scrollIntoView({ block: "nearest" });
  } else if (field === "keywords") {
    const words = form.elements.keywords.value.split(/[，,、\s]+/).filter(Boolean);
    if (!words.includes(value)) form.elements.keywords.value = [...words, value].join("，");
  } else return;
  event.target.disabled = true;
});

// A second click sends nothing again; the server would know it for the same, too.
form.addEventListener("submit", (event) => {
  if (form.dataset.sent && event.submitter?.value !== "preview") event.preventDefault();
  if (event.submitter?.value !== "preview") form.dataset.sent = "yes";
});
