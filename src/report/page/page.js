// What all scripts of the page stand on: the data, elements, controls, numbers as text.

export const report = JSON.parse(document.getElementById("report-data").textContent);

/** An element with text; text is never read as markup. */
export function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/** A box to tick. */
export function control(parent, text, checked, change) {
  const label = element("label");
  const input = document.createElement("input");
  input.type = "checkbox";
  input.checked = checked;
  input.addEventListener("change", () => change(input.checked));
  label.append(input, text);
  parent.append(label);
  return label;
}

export function button(parent, text, press) {
  const made = element("button", "", text);
  made.type = "button";
  made.addEventListener("click", press);
  parent.append(made);
  return made;
}

/** Appends what `make` gives for each, a portion at a time: a browser takes seconds to lay out a megabyte. */
export function inPortions(parent, all, size, word, make) {
  const showFrom = (from) => {
    parent.append(...all.slice(from, from + size).map((one, at) => make(one, from + at)));
    const left = all.length - from - size;
    if (left <= 0) return;
    const text = `${left.toLocaleString("en-US")} ${word} follow: show more`;
    const more = button(parent, text, () => {
      more.remove();
      showFrom(from + size);
    });
  };
  showFrom(0);
}

/** What a list offers. @param names one per value 0, 1, … */
export function options(select, names) {
  select.replaceChildren(
    ...names.map((name, value) => {
      const option = element("option", "", name);
      option.value = String(value);
      return option;
    }),
  );
}

/** A list to choose from. @param names one per value 0, 1, … */
export function chooser(parent, text, names, change) {
  const label = element("label", "", text);
  const select = document.createElement("select");
  options(select, names);
  select.addEventListener("change", () => change(Number(select.value)));
  label.append(select);
  parent.append(label);
  return select;
}

export function plain(value) {
  if (value === null || value === undefined) return "–";
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e6)
    ? value.toExponential(2)
    : String(Number(value.toPrecision(4)));
}
