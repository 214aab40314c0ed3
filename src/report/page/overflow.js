// What scrolls inside the page can be scrolled by keyboard, and says what it is.

export function reachable(box, name) {
  const overflows = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;
  if (!overflows) return;
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", name);
}

let heading = "";
for (const one of document.querySelectorAll("h2, h3, h4, .scroll")) {
  if (one.className === "scroll") reachable(one, heading);
  else heading = one.textContent;
}
