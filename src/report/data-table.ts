/** A table of the page whose rows and columns say what they are of. */

export interface DataRow {
  /** HTML that is escaped already, as are cells and headings. */
  readonly name: string;
  readonly cells: readonly string[];
}

/** @param head one heading for the names, then one per cell */
export function dataTable(head: readonly string[], rows: readonly DataRow[]): string {
  const columns = head.map((text) => `<th scope="col">${text}</th>`).join("");
  const body = rows.map(({ name, cells }) => {
    const figures = cells.map((cell) => `<td>${cell}</td>`).join("");
    return `<tr><th scope="row">${name}</th>${figures}</tr>`;
  });
  return `<div class="scroll"><table><thead><tr>${columns}</tr></thead><tbody>${body.join("")}</tbody></table></div>`;
}
