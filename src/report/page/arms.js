// How an arm looks: the same colour and dashes in every chart.

export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

export const armColour = (arm) => colour(`arm-${arm % 12}`);

export function transparent(hex, alpha) {
  const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  return `rgba(${r}, ${g}, ${b}, ${alpha})`;
}

/** Colours come in two halves of six: where one half is solid the other is dashed, and each further dozen gets a dot more. */
export function armDash(arm) {
  const pattern = 2 * Math.floor(arm / 12) + (arm % 12 < 6 ? 0 : 1);
  const dots = Array.from({ length: Math.max(0, pattern - 1) }, () => [2, 4]);
  return pattern === 0 ? [] : [8, 4, ...dots.flat()];
}

/** A piece of an arm's line, as a legend shows it. */
export function armMark(arm) {
  const svg = (name, attributes) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };
  const mark = svg("svg", { class: "mark", width: 36, height: 10, "aria-hidden": "true" });
  const dashes = armDash(arm).join(" ");
  mark.append(
    svg("line", {
      x1: 0,
      x2: 36,
      y1: 5,
      y2: 5,
      stroke: `var(--arm-${arm % 12})`,
      "stroke-width": 3,
      "stroke-dasharray": dashes,
    }),
  );
  return mark;
}
