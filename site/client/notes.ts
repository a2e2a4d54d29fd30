/** The notes of a paper: what scrolls because a formula is wider than the screen can be reached by the keyboard. */

const parts = [...document.querySelectorAll<HTMLElement>(".notes :is(p, li)")];

function mark(): void {
  // Read first, then written, so that the page is laid out once.
  const scrolling = parts.map(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth);
  parts.forEach((part, i) => {
    if (scrolling[i]) part.tabIndex = 0;
    else part.removeAttribute("tabindex");
  });
}

addEventListener("resize", mark);
addEventListener("load", mark);
