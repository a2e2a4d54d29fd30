/** On every page: the button that changes between light and dark. */

const button = document.getElementById("theme") as HTMLButtonElement;
const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");

function isDark(): boolean {
  const chosen = root.dataset.theme;
  return chosen === undefined ? system.matches : chosen === "dark";
}

function tell(): void {
  button.setAttribute("aria-pressed", String(isDark()));
}

button.addEventListener("click", () => {
  const theme = isDark() ? "light" : "dark";
  root.dataset.theme = theme;
  try {
    localStorage.setItem("refigure-theme", theme);
  } catch {
    // Where nothing can be stored, the choice lasts as long as the page.
  }
  tell();
});
system.addEventListener("change", tell);
tell();
