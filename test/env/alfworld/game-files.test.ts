import { describe, expect, test } from "bun:test";
import { GameMaker, readGameFile } from "../../../src/env/alfworld/game.ts";
import { DOMAIN, type GameParts, grammarText, PARTS } from "./little-game-file.ts";
import { enter, LITTLE_HOUSE } from "./little-house.ts";

const game = (change: Partial<Record<keyof GameParts, unknown>> = {}) =>
  fromText(JSON.stringify({ ...PARTS, ...change }));

const fromText = (text: string) =>
  new GameMaker().fromParts(readGameFile(text, "game.tw-pddl"), "game.tw-pddl");

/** The message of what is thrown, and its hint. */
function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    const { name, message, hint } = error as Error & { hint?: string };
    expect(name).toBe("UserError");
    return hint === undefined ? message : `${message} | ${hint}`;
  }
  throw new Error("nothing was refused");
}

describe("a game file", () => {
  test("opens as its parts say", () => {
    const { task, opening, house } = game();
    expect(opening(task)).toBe(enter().opening);
    expect(house.rules).toEqual({
      ...{ cleaning: ["sinkbasin"], heating: ["microwave"], cooling: ["fridge"] },
      ...{ cutting: ["knife", "butterknife"], help: true },
    });
  });

  test("chooses its appliances", () => {
    const oven = "(receptacleType ?r MicrowaveType) (receptacleType ?r OvenType)";
    const domain = DOMAIN.replace("(receptacleType ?r MicrowaveType)", oven);
    expect(game({ pddl_domain: domain }).house.rules.heating).toEqual(["microwave", "oven"]);
  });

  test("may lack help", () => {
    const without = DOMAIN.replace(/\(:action help[^\n]*\n/, "");
    expect(game({ pddl_domain: without }).house.rules.help).toBe(false);
  });

  test("says its task with whatever characters", () => {
    const task = 'Your task is to: put "a" {mug} on #shelf# \\u2019.';
    const quoted = grammarText().replace(
      "Your task is to: do it.",
      JSON.stringify(task).slice(1, -1),
    );
    const made = game({ grammar: quoted });
    expect(made.task).toBe(task);
    expect(made.opening(made.task)).toEndWith(`\n\n${task}`);
  });

  test.each([
    ["{", "game.tw-pddl: not JSON: "],
    ["null", "game.tw-pddl: pddl_domain: expected a text, found nothing"],
    ['{"pddl_domain": 3}', "game.tw-pddl: pddl_domain: expected a text, found 3"],
  ])("that is %s is refused", (text, message) => {
    expect(refusal(() => fromText(text))).toStartWith(message);
  });
});

describe("a problem that does not parse names file, line and token", () => {
  const lines = (pddl_problem: string) => refusal(() => game({ pddl_problem }));
  const problem = PARTS.pddl_problem;
  test.each([
    ["", 'game.tw-pddl: pddl_problem: expected "(define …", found no text'],
    ["define", 'game.tw-pddl: pddl_problem:1: expected "(define …", found "define"'],
    ["\n\n)", 'game.tw-pddl: pddl_problem:3: expected "(define …", found ")"'],
    [
      "(define\n (:init",
      'pddl_problem:2: the text ends here, but "(:init" of line 2 is not closed',
    ],
    ["(problem x)", 'pddl_problem:1: expected "(define …", found "problem"'],
    ["(define (problem x))", "there is no (:objects …) in it"],
    [problem.replace("(:goal", "(:gaol"), 'expected :objects, :init or :goal, found ":gaol"'],
    [problem.replace(/\(:goal[\s\S]*/, ")"), "there is no (:goal …) in it"],
    [problem.replace("(openable fridge_bar_a)", "openable"), 'expected a fact, found "openable"'],
    [
      problem.replace("(openable fridge_bar_a)", "(openable fridge_bar_z)"),
      'expected a receptacle, found "fridge_bar_z", which :objects does not list',
    ],
    [
      problem.replace("(openable fridge_bar_a)", "(openable apple_bar_a)"),
      'expected a receptacle, found "apple_bar_a", which is a object',
    ],
    [problem.replace("(openable fridge", "(openible fridge"), 'unknown predicate "openible"'],
    [
      problem.replace("(openable fridge", "(openable mug_bar_a fridge"),
      "takes 1 arguments, found 2",
    ],
    [problem.replace("(atLocation agent1 loc_bar_0)", ""), "no fact says where the agent is"],
    [
      problem.replace("(receptacleAtLocation fridge_bar_a loc_bar_1)", ""),
      "fridge 1 has no location",
    ],
    [`${problem} more`, 'expected nothing after the end of (define …), found "more"'],
    ["(".repeat(100_000), "expected at most 100 nested parentheses"],
  ])("%#", (text, message) => {
    expect(lines(text)).toContain(message);
  });

  test("a fact that says what cannot be, with its line", () => {
    const lineOf = (fact: string) =>
      LITTLE_HOUSE.split("\n").findIndex((line) => line.includes(fact)) + 1;
    const at = (fact: string) => `game.tw-pddl: pddl_problem:${lineOf(fact)}: `;
    const fridge = "(openable fridge_bar_a)";
    for (const [fact, told] of [
      [
        "(openible fridge_bar_a)",
        'unknown predicate "openible" in the fact (openible fridge_bar_a)',
      ],
      ["(openable mug_bar_a fridge_bar_a)", '"openable" takes 1 arguments, found 2'],
      ["(openable apple_bar_a)", "(openable apple_bar_a): expected a receptacle"],
      ["(atLocation agent1 loc_bar_1)", "the agent is at two locations"],
      ["(receptacleAtLocation fridge_bar_a loc_bar_0)", "fridge 1 is at two locations"],
      ["(holds agent1 mug_bar_a) (holds agent1 apple_bar_a)", "the agent holds two objects"],
    ] as const) {
      expect(lines(problem.replace(fridge, fact))).toStartWith(at(fridge) + told);
    }
  });

  test("with the line of the token", () => {
    const at = LITTLE_HOUSE.split("\n").findIndex((line) => line.includes("(openable fridge")) + 1;
    const broken = problem.replace("(openable fridge_bar_a)", "(openable (fridge_bar_a))");
    expect(lines(broken)).toBe(
      `game.tw-pddl: pddl_problem:${at}: expected a predicate and names, found "(openable (fridge_bar_a))"`,
    );
  });
});

describe("a goal outside the subset is refused by its part", () => {
  test.each([
    ["(and)", 'the goal\'s "(and)" asks for nothing'],
    ["(and (and) (and (and)))", "asks for nothing"],
    ["(and (exists (?o - object) (and)))", '"(exists (?o - object) (and))" asks for nothing'],
    ["()", '"()" is not a fact'],
    ["(forall (?o - object) (ishot ?o))", '"(forall (?o - object) (ishot ?o))" is not a fact'],
    ["(or (ishot apple_bar_a))", '"(or (ishot apple_bar_a))" is not a fact'],
    ["(checked agent1)", 'has "checked", which no goal may ask for'],
    ["(constructor agent1)", 'has "constructor", which no goal may ask for'],
    ["(exists (?o - object) (ishot ?p))", '"(ishot ?p)" has ?p outside its exists'],
    ["(exists (?o) (ishot ?o))", '"(?o)" has a variable without a type'],
    ["(exists (?o - object))", "needs a list of variables and one condition"],
    ["(inreceptacle apple_bar_a)", '"(inreceptacle apple_bar_a)" takes 2 arguments'],
    [
      "(exists (?o - object) (objectType ?o UnicornType))",
      "names unicorntype, which is none of the objects",
    ],
    [
      `(exists (${[..."abcdefgh"].map((v) => `?${v}`).join(" ")} - object) (and (= ?g ?h) (not (= ?g ?h))))`,
      "has too many variables to be worked out",
    ],
  ])("%s", (goal, part) => {
    const message = refusal(() => enter(goal));
    expect(message).toContain(part);
    expect(message).toStartWith("little-house.pddl:");
    expect(message).toEndWith(
      "| empg reads goals of and, exists, facts, (= a b), and each of the last two after not",
    );
  });

  test("while any goal inside it is judged", () => {
    const solved = (goal: string, ...commands: string[]) => {
      const episode = enter(goal);
      return commands.map((command) => episode.step(command).success);
    };
    expect(solved("(opened fridge_bar_a)", "go to fridge 1", "open fridge 1")).toEqual([
      false,
      true,
    ]);
    expect(solved("(not (holdsany agent1))", "look")).toEqual([true]);
    expect(solved("(exists (?o - object ?a - agent) (holds ?a ?o))", "go to shelf 1")).toEqual([
      false,
    ]);
    const both = `(exists (?r - receptacle) (and (exists (?o - object) (and (objecttype ?o knifetype)
      (inreceptacle ?o ?r))) (exists (?o - object) (and (objecttype ?o appletype) (inreceptacle ?o ?r)))))`;
    const carry = ["take knife 1 from shelf 1", "move knife 1 to countertop 1"];
    expect(solved(both, "go to shelf 1", ...carry)).toEqual([false, false, true]);
  });
});

describe("rules that are not the household's are refused by the action", () => {
  const domain = (from: string | RegExp, to: string) =>
    refusal(() => game({ pddl_domain: DOMAIN.replace(from, to) }));

  test("a comma less in the empty type", () => {
    expect(domain("?l - location, ?r", "?l - location ?r")).toContain(
      'the rules of action "examineobject" are not those that empg plays',
    );
  });

  test("another effect, a missing and an unknown action", () => {
    expect(domain("(isHot ?o) (not (isCool ?o))", "(isHot ?o)")).toContain('action "heatobject"');
    expect(domain(/\(:action look[\s\S]*?\(checked \?l\)\)\)/, "")).toContain('no action "look"');
    expect(domain("(:action look", "(:action juggle")).toContain('unknown action "juggle"');
  });
});

describe("a grammar that cannot be spoken is refused by its rule", () => {
  const grammar = (from: string | RegExp, to: string) =>
    refusal(() => game({ grammar: grammarText().replace(from, to) }));

  test.each([
    ['"The {r.name} is closed."', '"The {r.colour} is closed."', 'unknown slot "{r.colour}"'],
    ['"openable(r)"', '"painted(q)"', 'unknown condition "painted(q)"'],
    ['"ishot(o)"', '"ishott(o)"', 'unknown condition "ishott(o)"'],
    ['"ishot(o)"', '"is_hot(o) & isclean(o)"', 'unknown condition "is_hot(o) & isclean(o)"'],
    ['"ishot(o)"', '"ishot(o:objekt)"', 'unknown condition "ishot(o:objekt)"'],
    [
      '"condition": "ishot(o)"',
      '"conditon": "ishot(o)"',
      'expected a list of {"condition", "rhs"}',
    ],
    ["| holds(a, o)}", "| owns(a, o)}", 'unknown list "owns(a, o)"'],
    ['#look.feedback#"', '#lock.feedback#"', 'no rule "lock.feedback"'],
    ['"You close the {r.name}."', '"#CloseObject.feedback#"', "it leads back to itself"],
    [
      'template :: "open {r}"',
      'template :: "unlock {r}"',
      'found template "unlock {r}", allowed: "open {r}"',
    ],
    ["action look {", "look {", 'expected "grammar :: """…""";" or "action NAME {", found "look {'],
    ['"task": [', '"task" [', "the rules that begin here are not JSON"],
    [/"Your task is to: .*?"/, '"Good luck."', "no rule says the task"],
  ])("%s → %s", (from, to, message) => {
    expect(grammar(from, to)).toContain(message);
    expect(grammar(from, to)).toStartWith("game.tw-pddl: grammar");
  });

  test("and by the line on which the rule or the action begins", () => {
    const lines = grammarText().split("\n");
    const lineOf = (start: string) => lines.findIndex((line) => line.trim().startsWith(start)) + 1;
    const place = (start: string, what: string) =>
      `game.tw-pddl: grammar:${lineOf(start)}: ${what}`;
    const rule = place('"examineObject.feedback"', 'rule "examineObject.feedback": ');
    expect(grammar('"ishot(o)"', '"ishott(o)"')).toStartWith(rule);
    expect(grammar('"condition": "ishot(o)"', '"conditon": "ishot(o)"')).toStartWith(rule);
    const action = place("action OpenObject", "action OpenObject: found template");
    expect(grammar('template :: "open {r}"', 'template :: "unlock {r}"')).toStartWith(action);
    const feedback = place("action OpenObject", 'rule "action OpenObject": no rule "Open"');
    expect(grammar('"#OpenObject.feedback#"', '"#Open#"')).toStartWith(feedback);
  });

  test("while types of variables may be said", () => {
    const typed = grammarText().replace('"openable(r)"', '"openable(r:receptacle)"');
    expect(game({ grammar: typed }).commands).toBeDefined();
  });
});
