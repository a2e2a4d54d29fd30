/** The index: shows the papers that have some words and are of a family; the address keeps both. */

const form = document.getElementById("filter") as HTMLFormElement;
const search = document.getElementById("search") as HTMLInputElement;
const found = document.getElementById("found")!;
const nothing = document.getElementById("nothing")!;
const families = [...document.querySelectorAll<HTMLElement>(".family")];

function show(): void {
  const words = search.value.toLowerCase().split(/\s+/).filter((word) => word !== "");
  const family = String(new FormData(form).get("family") ?? "");
  let count = 0;
  let total = 0;
  for (const section of families) {
    const isOpen = family === "" || section.dataset.family === family;
    let any = false;
    for (const card of section.querySelectorAll<HTMLElement>(".card")) {
      const text = card.dataset.words ?? "";
      card.hidden = !isOpen || !words.every((word) => text.includes(word));
      if (!card.hidden) any = true;
      count += Number(!card.hidden);
      total++;
    }
    section.hidden = !any;
  }
  nothing.hidden = count > 0;
  found.textContent = count === total ? `${total} papers` : `${count} of ${total} papers`;
  const address = new URL(location.href);
  set(address, "q", search.value.trim());
  set(address, "family", family);
  if (address.href !== location.href) history.replaceState(null, "", address);
}

function set(address: URL, name: string, value: string): void {
  if (value === "") address.searchParams.delete(name);
  else address.searchParams.set(name, value);
}

function fromAddress(): void {
  const { searchParams } = new URL(location.href);
  search.value = searchParams.get("q") ?? "";
  const family = searchParams.get("family") ?? "";
  for (const radio of form.querySelectorAll<HTMLInputElement>("input[name=family]")) {
    radio.checked = radio.value === family;
  }
  const all = form.querySelector<HTMLInputElement>('input[name=family][value=""]')!;
  if (form.querySelector("input[name=family]:checked") === null) all.checked = true;
  show();
}

form.addEventListener("input", show);
form.addEventListener("submit", (event) => event.preventDefault());
document.getElementById("clear")!.addEventListener("click", () => {
  form.reset();
  search.focus();
  show();
});
addEventListener("pageshow", fromAddress);
