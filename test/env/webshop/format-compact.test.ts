import { describe, expect, test } from "bun:test";
import { compact } from "../../../src/env/webshop/format-compact.ts";
import { ATTRIBUTES, choices, ENTRIES, entry, littleShop } from "./little-shop.ts";

/** What is read and written in a game of these actions. */
function told(actions: readonly string[], text = "color: dark blue, and size: l | xl"): string {
  const extra = entry("B0ABCDEF12", "Woollen, washable scarf!", {
    pricing: "$95.00 $5.00",
    small_description: ["washable by machine", "dark"],
    customization_options: choices({ colour: ["blue", "red", "dark blue"] }),
  });
  const world = littleShop({}, { entries: [...ENTRIES, extra], attributes: ATTRIBUTES });
  const task = world.splits.all!.find((id) => world.start(id, 0).goal.text.includes(text))!;
  const episode = world.start(task, 0);
  let transcript = compact.opening(episode.opening, episode.admissible());
  for (const action of actions) {
    const response = compact.respond(action);
    const outcome = episode.step(compact.parse(response));
    transcript += `${response}${compact.reply(action, outcome, episode.admissible())}`;
  }
  return transcript;
}

test("a game in as few words as bear on the task", () => {
  const actions = [
    ...[
      "search[washable scarf]",
      "click[b0abcdef12]",
      "click[dark blue]",
      "click[features]",
      "click[< prev]",
    ],
    ...["click[description]", "click[< prev]", "click[< prev]", "click[next >]", "click[< prev]"],
    ...["click[back to search]", "click[buy now]", "search[zebra]", "search[woollen]"],
    ...["click[b000000001]", "click[dark blue]", "click[l | xl]", "click[buy now]"],
  ];
  expect(told(actions).replace(/below \d\d/, "below LIMIT")).toBe(
    [
      "task machine washable scarf with color : dark blue , and size : l | xl below LIMIT",
      ...["search washable scarf", "page 1"],
      ...["b0 ##ab ##cd ##ef ##12 either washable scarf", "b0 ##00 ##00 ##00 ##02 fit scarf"],
      ...["b0 ##00 ##00 ##00 ##01 fit scarf"],
      ...["open b0 ##ab ##cd ##ef ##12", "item either washable scarf ; dark blue ; blue"],
      ...["pick dark blue", "ok"],
      ...[
        "features",
        "features machine washable dark",
        "prev",
        "item either washable scarf ; dark blue ; blue",
      ],
      ...["description", "description", "prev", "item either washable scarf ; dark blue ; blue"],
      ...["prev", "page 1", "b0 ##ab ##cd ##ef ##12 either washable scarf"],
      ...["b0 ##00 ##00 ##00 ##02 fit scarf", "b0 ##00 ##00 ##00 ##01 fit scarf"],
      ...["next", "page 2", "none"],
      ...["prev", "page 1", "b0 ##ab ##cd ##ef ##12 either washable scarf"],
      ...["b0 ##00 ##00 ##00 ##02 fit scarf", "b0 ##00 ##00 ##00 ##01 fit scarf"],
      ...["back", "start", "buy", "no"],
      ...["search zebra", "page 1", "none"],
      ...["search woollen", "page 1", "b0 ##ab ##cd ##ef ##12 either washable scarf"],
      "b0 ##00 ##00 ##00 ##01 fit scarf",
      ...["open b0 ##00 ##00 ##00 ##01", "item fit scarf ; dark blue ; l | xl"],
      ...["pick dark blue", "ok", "pick l | xl", "ok", "buy", "bought", ""],
    ].join("\n"),
  );
});

describe("a response", () => {
  test.each([
    ["search red scarf\n", "search[red scarf]"],
    ["search red scarf\nopen x", "search[red scarf]"],
    ["open b0 ##74 ##3j ##kh ##bv\n", "click[b0743jkhbv]"],
    ["open b0743jkhbv", "click[b0743jkhbv]"],
    ["pick l | xl\n", "click[l | xl]"],
    ["prev\n", "click[< prev]"],
    ["buy", "click[buy now]"],
    ["search\n", "search"],
    ["search \n", "search"],
    ["toString", "toString"],
    ["click[buy now]", "click[buy now]"],
    ["", ""],
  ])("%p means %p", (response, action) => {
    expect(compact.parse(response)).toBe(action);
  });

  test.each(["nonsense", "search[]", "click[a [b]]", "click[open x]"])(
    "%p is said in some way",
    (action) => {
      expect(compact.respond(action)).toEndWith("\n");
    },
  );
});

test("a prompt that stands alone is the opening and the turns that are shown", () => {
  const [first = "", second = "", ...more] = told(["search[woollen]"]).split(/(?<=\n)/);
  const opening = `WebShop [SEP] Instruction: [SEP] Find me machine washable scarf with color: dark blue, and size: l | xl, and price lower than ${/below (\d+)/.exec(first)![1]}.00 dollars [SEP] Search`;
  const past = [{ observation: "", action: "search[woollen]", reply: more.join("") }];
  const rest = { taken: 4, observation: "", shown: "", admissible: [] };
  expect(compact.recall!({ opening, past, ...rest })).toBe(first + second + more.join(""));
});

test("marks of pieces are joined in ids alone; searches and values keep theirs", () => {
  expect(compact.parse("open b0 ##ab ##cd ##ef ##12\n")).toBe("click[b0abcdef12]");
  for (const action of ["search[size ##4 of b0 ##ab]", "click[pack ##12]", "click[no ## 4]"]) {
    expect(compact.parse(compact.respond(action))).toBe(action);
  }
});
