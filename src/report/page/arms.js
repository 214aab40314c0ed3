// How an arm looks: the same colour and dashes in every chart.

export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

export const armColour = (arm) => colour(`arm-${arm % 12}`);

export function transparent(hex, alpha) {
  const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  return `rgba(${r}, ${g}, ${b}, ${alpha})`;
}

export const DASHES = [[], [6, 4]];
