import type { Expert, Mistakes } from "../env.ts";
import { nextCommand, type Position } from "./expert.ts";
import type { Quest } from "./quest.ts";
export function alfworldExpert(position: Position, quest: Quest, _mistakes?: Mistakes): Expert {
  return { next: () => nextCommand(position, quest) };
}
