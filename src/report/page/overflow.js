// What scrolls inside the page can be scrolled by keyboard, and says what it is.

/** @param named boxes with their names; all are measured before any is changed, so that they are laid out once */
export function makeReachable(named) {
  const overflowing = named.filter(
    ([box]) => box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight,
  );
  for (const [box, name] of overflowing) {
    box.tabIndex = 0;
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", name);
  }
}

const scrolling = [];
let heading = "";
for (const one of document.querySelectorAll("h2, h3, h4, .scroll")) {
  if (one.className === "scroll") scrolling.push([one, heading]);
  else heading = one.textContent;
}
makeReachable(scrolling);
