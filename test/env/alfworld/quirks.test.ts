import { describe, expect, test } from "bun:test";
import { after, answers, enter, GOALS } from "./little-house.ts";

const NOTHING = "Nothing happens.";
const TO_APPLE = ["go to countertop 1", "take apple 3 from countertop 1"];

describe("names and opening", () => {
  test("numbers run down in the order of the ids, basins are told by their ids", () => {
    expect(enter().opening).toBe(
      "-= Welcome to TextWorld, ALFRED! =-\n\n" +
        "You are in the middle of a room. Looking quickly around you, you see a bathtubbasin 1, a " +
        "cabinet 1, a countertop 1, a drawer 1, a fridge 1, a microwave 1, a shelf 1, and a sinkbasin 1." +
        "\n\nYour task is to: do it.",
    );
    expect(after(enter(), "go to countertop 1")).toBe(
      "You arrive at countertop 1. On the countertop 1, you see a apple 3, a bread 1, a mug 2, and a pen 1.",
    );
  });

  test("lists of one, of two and of none", () => {
    const episode = enter();
    expect(after(episode, "go to shelf 1")).toEndWith("you see a knife 1, and a mug 1.");
    expect(after(episode, "go to fridge 1", "open fridge 1")).toBe(
      "You open the fridge 1. The fridge 1 is open. In it, you see a apple 1.",
    );
    expect(after(episode, "take apple 1 from fridge 1", "examine fridge 1")).toBe(
      "The fridge 1 is open. In it, you see nothing.",
    );
  });

  test("an object in a sink that is an object shows in no text", () => {
    expect(after(enter(), "go to cabinet 1")).toBe(
      "You arrive at cabinet 1. On the cabinet 1, you see a cloth 1.",
    );
    expect(after(enter(), "go to sinkbasin 1")).toEndWith("On the sinkbasin 1, you see nothing.");
  });
});

describe("going", () => {
  test("no-op removal: nobody goes where they are, nor to another receptacle there", () => {
    const episode = enter();
    expect(after(episode, "go to countertop 1", "go to countertop 1")).toBe(NOTHING);
    expect(answers(episode, "go to shelf 1", "go to drawer 1")).toEqual([NOTHING, NOTHING]);
    expect(episode.admissible().filter((command) => command.startsWith("go to"))).toEqual([
      ..."bathtubbasin cabinet fridge microwave sinkbasin"
        .split(" ")
        .map((one) => `go to ${one} 1`),
    ]);
  });

  test("middle of the room: before the first go to, look sees nothing", () => {
    expect(after(enter(), "look")).toBe(
      "You are in the middle of a room. Looking quickly around you, you see nothing.",
    );
  });

  test("look lists the receptacles of the location in id order, without articles", () => {
    expect(after(enter(), "go to shelf 1", "look")).toBe(
      "You are facing the countertop 1, drawer 1, and shelf 1. Next to it, you see nothing.",
    );
  });
});

describe("opening and closing", () => {
  test("twice is once too often", () => {
    const episode = enter();
    expect(answers(episode, "go to fridge 1", "close fridge 1")).toEqual([
      "You arrive at fridge 1. The fridge 1 is closed.",
      NOTHING,
    ]);
    expect(answers(episode, "open fridge 1", "open fridge 1", "close fridge 1")).toEqual([
      "You open the fridge 1. The fridge 1 is open. In it, you see a apple 1.",
      NOTHING,
      "You close the fridge 1.",
    ]);
  });

  test("a cabinet that does not open is a surface", () => {
    expect(after(enter(), "go to cabinet 1", "open cabinet 1")).toBe(NOTHING);
  });

  test("nothing is taken from or put into what is closed", () => {
    const episode = enter();
    expect(after(episode, "go to fridge 1", "take apple 1 from fridge 1")).toBe(NOTHING);
    expect(after(episode, ...TO_APPLE, "go to fridge 1", "move apple 3 to fridge 1")).toBe(NOTHING);
  });
});

describe("taking and putting", () => {
  test("one object at a time", () => {
    const episode = enter();
    expect(answers(episode, ...TO_APPLE, "take bread 1 from countertop 1", "inventory")).toEqual([
      expect.any(String),
      "You pick up the apple 3 from the countertop 1.",
      NOTHING,
      "You are carrying: a apple 3.",
    ]);
  });

  test("only where canContain allows it, whatever lay there before", () => {
    const episode = enter();
    const back = ["take pen 1 from countertop 1", "move pen 1 to countertop 1"];
    expect(after(episode, "go to countertop 1", ...back)).toBe(NOTHING);
    expect(episode.admissible().some((command) => command.startsWith("move"))).toBe(false);
  });

  test("fixed things are listed and cannot be taken", () => {
    const episode = enter();
    expect(after(episode, "go to drawer 1", "open drawer 1")).toEndWith(
      "you see a apple 2, and a desklamp 1.",
    );
    expect(after(episode, "take desklamp 1 from drawer 1")).toBe(NOTHING);
  });

  test("floor list: look shows what was carried between receptacles of one location", () => {
    const episode = enter();
    const carry = ["take apple 3 from countertop 1", "move apple 3 to shelf 1", "look"];
    expect(after(episode, "go to countertop 1", ...carry)).toEndWith(
      "Next to it, you see a apple 3.",
    );
    const back = ["take apple 3 from shelf 1", "move apple 3 to countertop 1", "look"];
    // It was taken from the shelf now; the fact that it is not in the countertop has gone.
    expect(after(episode, ...back)).toEndWith("Next to it, you see a apple 3.");
    const away = ["take apple 3 from countertop 1", "look"];
    expect(after(episode, ...away)).toEndWith("Next to it, you see nothing.");
    expect(after(episode, "move apple 3 to shelf 1", "look")).toEndWith("you see a apple 3.");
  });
});

test("floor list: an object that left two receptacles of the location is listed twice", () => {
  const episode = enter();
  answers(episode, "go to shelf 1", "open drawer 1", "take knife 1 from shelf 1");
  answers(episode, "move knife 1 to countertop 1", "take knife 1 from countertop 1");
  expect(after(episode, "move knife 1 to drawer 1", "look")).toEndWith(
    "Next to it, you see a knife 1, and a knife 1.",
  );
});

describe("examining", () => {
  test("empty type: only what is held can be examined", () => {
    const episode = enter();
    expect(after(episode, "go to countertop 1", "examine bread 1")).toBe(NOTHING);
    expect(after(episode, "take bread 1 from countertop 1", "examine bread 1")).toBe(
      "There's nothing special about bread 1.",
    );
  });

  test("a receptacle is examined open or closed", () => {
    expect(after(enter(), "go to fridge 1", "examine fridge 1")).toBe("The fridge 1 is closed.");
  });

  test("a movable container is always normal, hot and clean as it may be", () => {
    const episode = enter();
    const treat = [
      ...["take mug 2 from countertop 1", "go to microwave 1", "heat mug 2 with microwave 1"],
      ...["go to sinkbasin 1", "clean mug 2 with sinkbasin 1", "examine mug 2"],
    ];
    expect(after(episode, "go to countertop 1", ...treat)).toBe(
      "This is a normal mug 2. In it, you see a pen 1.",
    );
    expect(after(enter(), "go to shelf 1", "take mug 1 from shelf 1", "examine mug 1")).toBe(
      "This is a normal mug 1. In it, you see nothing.",
    );
  });

  test("what was in a container stays on the table when the container goes", () => {
    const episode = enter();
    const steps = ["take mug 2 from countertop 1", "examine countertop 1", "examine mug 2"];
    expect(answers(episode, "go to countertop 1", ...steps).slice(2)).toEqual([
      "On the countertop 1, you see a apple 3, a bread 1, and a pen 1.",
      "This is a normal mug 2. In it, you see a pen 1.",
    ]);
    const episode2 = enter();
    const pen = ["take pen 1 from countertop 1", "inventory"];
    expect(after(episode2, "go to countertop 1", ...pen)).toBe("You are carrying: a pen 1.");
  });

  test("every combination of states has its words; cool is cold when alone", () => {
    const heat = ["go to microwave 1", "heat apple 3 with microwave 1"];
    const cool = ["go to fridge 1", "cool apple 3 with fridge 1"];
    const clean = ["go to sinkbasin 1", "clean apple 3 with sinkbasin 1"];
    const slice = [
      ...["go to shelf 1", "take knife 1 from shelf 1", "slice apple 3 with knife 1"],
      ...["move knife 1 to countertop 1"],
    ];
    const look = (...steps: string[]) => after(enter(), ...steps, "examine apple 3");
    const take = "take apple 3 from countertop 1";
    const plain = ["go to countertop 1", take];
    const sliced = [...slice, take];
    expect([
      look(...plain),
      look(...plain, ...heat),
      look(...plain, ...cool),
      look(...plain, ...clean),
      look(...plain, ...clean, ...heat),
      look(...plain, ...clean, ...cool),
      look(...sliced),
      look(...sliced, ...heat),
      look(...sliced, ...cool),
      look(...sliced, ...clean),
      look(...sliced, ...heat, ...clean),
      look(...sliced, ...cool, ...clean),
    ]).toEqual([
      "There's nothing special about apple 3.",
      "This is a hot apple 3.",
      "This is a cold apple 3.",
      "This is a clean apple 3.",
      "This is a hot and clean apple 3.",
      "This is a cool and clean apple 3.",
      "This is a sliced apple 3.",
      "This is a hot sliced apple 3.",
      "This is a cool sliced apple 3.",
      "This is a clean sliced apple 3.",
      "This is a hot and clean sliced apple 3.",
      "This is a cool and clean sliced apple 3.",
    ]);
  });
});

describe("treating", () => {
  test("appliances work while closed, and the object stays in hand", () => {
    const episode = enter();
    const steps = ["go to microwave 1", "heat apple 3 with microwave 1", "inventory"];
    expect(answers(episode, ...TO_APPLE, ...steps).slice(2)).toEqual([
      "You arrive at microwave 1. The microwave 1 is closed.",
      "You heat the apple 3 using the microwave 1.",
      "You are carrying: a apple 3.",
    ]);
  });

  test("hot and cool exclude each other, clean stays", () => {
    const episode = enter();
    const steps = [
      ...["go to sinkbasin 1", "clean apple 3 with sinkbasin 1", "go to microwave 1"],
      ...["heat apple 3 with microwave 1", "go to fridge 1", "cool apple 3 with fridge 1"],
    ];
    expect(after(episode, ...TO_APPLE, ...steps, "examine apple 3")).toBe(
      "This is a cool and clean apple 3.",
    );
  });

  test("what cleans is decided by the facts, not by the name", () => {
    const steps = ["go to bathtubbasin 1", "clean apple 3 with bathtubbasin 1"];
    expect(after(enter(), ...TO_APPLE, ...steps)).toBe(
      "You clean the apple 3 using the bathtubbasin 1.",
    );
  });

  test("heating what is hot is allowed again", () => {
    const steps = ["go to microwave 1", "heat apple 3 with microwave 1"];
    expect(after(enter(), ...TO_APPLE, ...steps, "heat apple 3 with microwave 1")).toBe(
      "You heat the apple 3 using the microwave 1.",
    );
  });
});

describe("use", () => {
  test("always turns on, the second time too", () => {
    const episode = enter();
    const on = "You turn on the desklamp 1.";
    expect(answers(episode, "go to shelf 1", "use desklamp 1", "use desklamp 1")).toEqual([
      expect.any(String),
      on,
      on,
    ]);
  });

  test("the lamp may be in a closed drawer", () => {
    const episode = enter();
    expect(after(episode, "go to shelf 1", "use desklamp 1")).toBe("You turn on the desklamp 1.");
    expect(episode.admissible()).toContain("open drawer 1");
  });

  test("the light task is won in both orders", () => {
    const take = ["go to shelf 1", "take mug 1 from shelf 1"];
    const first = enter(GOALS.Look);
    for (const command of take) expect(first.step(command).success).toBe(false);
    expect(first.step("use desklamp 1").success).toBe(true);
    const second = enter(GOALS.Look);
    expect(second.step("go to shelf 1").success).toBe(false);
    expect(second.step("use desklamp 1").success).toBe(false);
    expect(second.step("take mug 1 from shelf 1").success).toBe(true);
  });
});

describe("slicing", () => {
  const KNIFE = ["go to shelf 1", "take knife 1 from shelf 1"];

  test("needs the target at the location, not in sight: it may be in a closed drawer", () => {
    const episode = enter();
    expect(after(episode, ...KNIFE, "slice apple 2 with knife 1")).toBe(
      "You sliced the apple 2 with the knife 1.",
    );
    expect(after(episode, "slice apple 1 with knife 1")).toBe(NOTHING);
  });

  test("is allowed a second time, not with bare hands, and not of what is held", () => {
    const episode = enter();
    expect(after(episode, "go to shelf 1", "slice apple 2 with knife 1")).toBe(NOTHING);
    const twice = ["slice bread 1 with knife 1", "slice bread 1 with knife 1"];
    expect(answers(episode, "take knife 1 from shelf 1", ...twice).slice(1)).toEqual([
      "You sliced the bread 1 with the knife 1.",
      "You sliced the bread 1 with the knife 1.",
    ]);
  });

  test("a carried object has left its location", () => {
    const episode = enter();
    answers(episode, ...TO_APPLE, "go to fridge 1", "open fridge 1", "move apple 3 to fridge 1");
    answers(episode, ...KNIFE);
    expect(episode.admissible()).not.toContain("slice apple 3 with knife 1");
    episode.step("go to fridge 1");
    expect(episode.admissible()).toContain("slice apple 3 with knife 1");
  });
});

describe("commands", () => {
  test("are sorted as plain strings, with help, inventory and look always among them", () => {
    const episode = enter();
    answers(episode, ...TO_APPLE);
    expect(episode.admissible()).toEqual([
      ...["examine apple 3", "examine countertop 1", "examine drawer 1", "examine shelf 1"],
      ...["go to bathtubbasin 1", "go to cabinet 1", "go to fridge 1", "go to microwave 1"],
      ...["go to sinkbasin 1", "help", "inventory", "look", "move apple 3 to countertop 1"],
      ...["move apple 3 to shelf 1", "open drawer 1", "use desklamp 1"],
    ]);
  });

  test("white space around is ignored; capitals, space within and the old wording are not understood", () => {
    const episode = enter();
    expect(after(episode, "\t go to countertop 1 \n")).toStartWith("You arrive at");
    const before = episode.stateKey();
    for (const command of [
      ...["Look", "go to", "go  to fridge 1", "open fridge 7", "", "   ", "LOOK"],
      ...["put apple 3 in/on shelf 1", "look\0", "go to fridge 1\u200b", "x".repeat(100_000)],
    ]) {
      expect(episode.step(command)).toEqual({
        ...{ observation: NOTHING, reward: 0, end: null, valid: false, success: false },
      });
    }
    expect(episode.stateKey()).toBe(before);
  });

  test("help begins without an empty line and ends with one newline", () => {
    const help = after(enter(), "help");
    expect(help).toStartWith("Available commands:\n  look:    ");
    expect(help).toEndWith("slice an object using a sharp object\n");
    expect(help).not.toEndWith("\n\n");
  });
});

describe("goals", () => {
  test("are won on the step itself; the list of the final state stays", () => {
    const episode = enter(GOALS.Pick, 3);
    answers(episode, ...TO_APPLE);
    expect(episode.step("move apple 3 to shelf 1")).toMatchObject({
      ...{ observation: "You move the apple 3 to the shelf 1.", reward: 1, end: "terminated" },
      ...{ success: true },
    });
    expect(episode.admissible()).toContain("take apple 3 from shelf 1");
    expect(() => episode.step("look")).toThrow("has ended");
  });

  test("an object heated and then cooled is not hot", () => {
    const episode = enter();
    const heat = ["go to microwave 1", "heat apple 3 with microwave 1", "go to fridge 1"];
    answers(episode, ...TO_APPLE, ...heat, "open fridge 1", "cool apple 3 with fridge 1");
    expect(episode.step("move apple 3 to fridge 1").success).toBe(false);
    answers(episode, "take apple 3 from fridge 1", ...heat.slice(0, 3));
    expect(episode.step("move apple 3 to fridge 1").success).toBe(true);
  });

  test("two objects need one and the same receptacle", () => {
    const episode = enter(GOALS.Pick2);
    answers(episode, ...TO_APPLE, "go to sinkbasin 1", "move apple 3 to sinkbasin 1");
    const second = ["go to fridge 1", "open fridge 1", "take apple 1 from fridge 1"];
    answers(episode, ...second, "go to bathtubbasin 1");
    expect(episode.step("move apple 1 to bathtubbasin 1").success).toBe(false);
    answers(episode, "take apple 1 from bathtubbasin 1", "go to sinkbasin 1");
    expect(episode.step("move apple 1 to sinkbasin 1").success).toBe(true);
  });

  test("the limit of steps ends the episode unsolved", () => {
    const episode = enter(GOALS.Pick, 2);
    expect(episode.step("nonsense").end).toBeNull();
    expect(episode.step("look")).toMatchObject({ end: "truncated", reward: 0, success: false });
  });
});
