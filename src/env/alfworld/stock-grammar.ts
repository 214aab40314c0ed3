/**
 * The texts of ALFWorld as data, for households that bring no grammar of their own. Conditions and lists
 * are queries over the facts; speech.ts says which there are.
 */
import type { Alternative, Grammar } from "./grammar.ts";

const CONTENTS = "[{o.indefinite + ' ' + o.name | inreceptacle(o, r)}]";
const HERE = "atlocation(a, l) & receptacleatlocation(r, l)";
const MOVED_HERE =
  "atlocation(a, l) & objectatlocation(o, l) & receptacleatlocation(r, l) & not_inreceptacle(o, r)";

/** Pairs of condition and text; the last may be a text alone. */
type Rule = readonly (readonly [string, string] | string)[];

const RULES: Readonly<Record<string, Rule>> = {
  intro: ["-= Welcome to TextWorld, ALFRED! =-\n\n#look.feedback#\n\n#task#"],
  "GotoLocation.feedback": ["You arrive at {r.name}. #examineReceptacle.feedback#"],
  "OpenObject.feedback": ["You open the {r.name}. #examineReceptacle.feedback#"],
  "CloseObject.feedback": ["You close the {r.name}."],
  "PickupObject.feedback": ["You pick up the {o.name} from the {r.name}."],
  "PutObject.feedback": ["You move the {o.name} to the {r.name}."],
  "inventory.feedback": [
    ["holdsany(a)", "You are carrying: [{o.indefinite + ' ' + o.name | holds(a, o)}]."],
    "You are not carrying anything.",
  ],
  "examineReceptacle.feedback": [
    ["openable(r) & opened(r)", `The {r.name} is open. In it, you see ${CONTENTS}.`],
    ["openable(r)", "The {r.name} is closed."],
    `On the {r.name}, you see ${CONTENTS}.`,
  ],
  "examineObject.feedback": [
    [
      "isreceptacleobject(o)",
      "This is a normal {o.name}. In it, you see " +
        "[{o2.indefinite + ' ' + o2.name | inreceptacleobject(o2, o)}].",
    ],
    ["isclean(o) & ishot(o) & issliced(o)", "This is a hot and clean sliced {o.name}."],
    ["isclean(o) & iscool(o) & issliced(o)", "This is a cool and clean sliced {o.name}."],
    ["isclean(o) & issliced(o)", "This is a clean sliced {o.name}."],
    ["ishot(o) & issliced(o)", "This is a hot sliced {o.name}."],
    ["iscool(o) & issliced(o)", "This is a cool sliced {o.name}."],
    ["isclean(o) & ishot(o)", "This is a hot and clean {o.name}."],
    ["isclean(o) & iscool(o)", "This is a cool and clean {o.name}."],
    ["ishot(o)", "This is a hot {o.name}."],
    ["isclean(o)", "This is a clean {o.name}."],
    ["iscool(o)", "This is a cold {o.name}."],
    ["toggleable(o) & istoggled(o)", "This {o.name} is on."],
    ["toggleable(o) & not_istoggled(o)", "This {o.name} is off."],
    ["sliceable(o) & issliced(o)", "This is a sliced {o.name}."],
    "There's nothing special about {o.name}.",
  ],
  "toggleObject.feedback": [
    ["toggleable(o) & istoggled(o)", "You turn on the {o.name}."],
    ["toggleable(o)", "You turn off the {o.name}."],
    "You don't see any switch on the {o.name}.",
  ],
  "heatObject.feedback": ["You heat the {o.name} using the {r.name}."],
  "cleanObject.feedback": ["You clean the {o.name} using the {r.name}."],
  "coolObject.feedback": ["You cool the {o.name} using the {r.name}."],
  "sliceObject.feedback": ["You sliced the {co.name} with the {ko.name}."],
  "look.feedback": [
    [HERE, `You are facing the [{r.name | ${HERE}}]. Next to it, you see #floor#.`],
    "You are in the middle of a room. Looking quickly around you, you see #receptacles#.",
  ],
  floor: [[MOVED_HERE, `[{#overview(o)# | ${MOVED_HERE}}]`], "nothing"],
  receptacles: [
    ["receptacleatlocation(r, l)", "[{#overview(r)# | receptacleatlocation(r, l)}]"],
    "nothing",
  ],
  "overview(o)": ["{o.indefinite} {o.name}"],
  "overview(r)": ["{r.indefinite} {r.name}"],
  list_empty: ["nothing"],
  list_separator: [", "],
  list_last_separator: [", and "],
};

/** Command and what it is good for, as `help` prints them. */
const HELP: readonly (readonly [string, string])[] = [
  ["look:                             ", "look around your current location"],
  ["inventory:                        ", "check your current inventory"],
  ["go to (receptacle):               ", "move to a receptacle"],
  ["open (receptacle):                ", "open a receptacle"],
  ["close (receptacle):               ", "close a receptacle"],
  ["take (object) from (receptacle):  ", "take an object from a receptacle"],
  ["move (object) to (receptacle):  ", "place an object in or on a receptacle"],
  ["examine (something):              ", "examine a receptacle or an object"],
  ["use (object):                     ", "use an object"],
  ["heat (object) with (receptacle):  ", "heat an object using a receptacle"],
  ["clean (object) with (receptacle): ", "clean an object using a receptacle"],
  ["cool (object) with (receptacle):  ", "cool an object using a receptacle"],
  ["slice (object) with (object):     ", "slice an object using a sharp object"],
];

const ACTIONS: Readonly<Record<string, readonly [template: string, feedback: string]>> = {
  GotoLocation: ["go to {r}", "#GotoLocation.feedback#"],
  OpenObject: ["open {r}", "#OpenObject.feedback#"],
  CloseObject: ["close {r}", "#CloseObject.feedback#"],
  PickupObject: ["take {o} from {r}", "#PickupObject.feedback#"],
  PutObject: ["move {o} to {r}", "#PutObject.feedback#"],
  inventory: ["inventory", "#inventory.feedback#"],
  examineReceptacle: ["examine {r}", "#examineReceptacle.feedback#"],
  examineObject: ["examine {o}", "#examineObject.feedback#"],
  ToggleObject: ["use {o}", "#toggleObject.feedback#"],
  HeatObject: ["heat {o} with {r}", "#heatObject.feedback#"],
  CleanObject: ["clean {o} with {r}", "#cleanObject.feedback#"],
  CoolObject: ["cool {o} with {r}", "#coolObject.feedback#"],
  SliceObject: ["slice {co} with {ko}", "#sliceObject.feedback#"],
  look: ["look", "#look.feedback#"],
  help: ["help", `Available commands:\n${HELP.map((row) => `  ${row.join("")}\n`).join("")}`],
};

/** The stock texts; a game's task line is its own. */
export const STOCK_GRAMMAR: Grammar = {
  rules: new Map(
    Object.entries(RULES).map(([name, rule]) => [
      name,
      rule.map(
        (one): Alternative =>
          typeof one === "string" ? { text: one } : { condition: one[0], text: one[1] },
      ),
    ]),
  ),
  actions: new Map(
    Object.entries(ACTIONS).map(([name, [template, feedback]]) => [name, { template, feedback }]),
  ),
};
