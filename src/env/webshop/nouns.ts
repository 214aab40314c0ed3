/**
 * The words of a title that stand for its nouns. The original asks a statistical tagger, which in titles
 * takes nearly every word for one; here a rule:
 *
 * 1. split at white space, brackets and punctuation, and at `-` and `/` between letters; points inside a
 *    word stay (`d.o.n.` is one, as for the tagger);
 * 2. split off `'s`; take punctuation from both ends; lower case;
 * 3. keep words with a letter, without function words and numbers with a unit (`18.5ft`).
 */
const FUNCTION_WORDS: ReadonlySet<string> = new Set(
  (
    "a an the this that these those each every all any some no both either neither another such " +
    "about above across after against along among around as at before behind below beneath beside " +
    "between beyond by down during except for from in inside into like near of off on onto out outside " +
    "over past per since through throughout to toward towards under until up upon via with within without " +
    "and or nor but so yet if because although though while whereas than then when where whether " +
    "i you he she it we they me him her us them my your his its our their mine yours hers ours theirs " +
    "who whom whose which what " +
    "am is are was were be been being have has had having do does did will would shall should can could " +
    "may might must not"
  ).split(" "),
);

const UNITED =
  /^\d[\d.,]*(?:"|''|in|inch|inches|ft|feet|yd|m|mm|cm|km|oz|lb|lbs|g|kg|mg|ml|l|fl|pc|pcs|pk|ct|pack|packs|piece|pieces|count|k|p|w|v|a|mah|ah|hz|ghz|mp|gb|tb|mb|x|d)$/;

/** In order, repeats kept. */
export function nounsOf(title: string): readonly string[] {
  const nouns: string[] = [];
  for (const chunk of title.toLowerCase().split(/[\s()[\]{}<>,;:!?"“”„«»*|+=~^•·…—–]+/u)) {
    for (const part of chunk.split(/(?<=\p{L})[-/](?=\p{L})|['’]s(?![\p{L}\p{N}])/u)) {
      const word = part.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}.]+$/gu, "");
      const bare = word.replace(/\.+$/, "");
      if (!/\p{L}/u.test(bare) || FUNCTION_WORDS.has(bare) || UNITED.test(bare)) continue;
      nouns.push(bare);
    }
  }
  return nouns;
}
