"""Writes vectors.json: what Python's own modules say, for test/env/webshop.

    python3 test/golden/webshop/generate.py

`random` draws as CPython's random.Random does; `fuzzy` scores pairs of invented texts with difflib's
SequenceMatcher, put together as ../shared/specs/webshop.md, section 6, defines token_set_ratio.
"""

import json
import platform
import random
import re
from difflib import SequenceMatcher
from pathlib import Path

WORDS = (
    "machine washable wash hand silk cotton dark blue light long lasting wide x-large xx-large large 7.5 7 "
    "size color pack of 12 non slip grey gray heather cool powder snow 28 round neck crew neckline naïve "
    "straße d.o.n. 3-pack women's men's 1⁄2 ½ under_score café 日本 ΑΣ"
).split()


def ratio(a, b):
    if a == b:
        return 100
    if not a or not b:
        return 0
    return int(round(100 * SequenceMatcher(None, a, b).ratio()))


def words(text):
    ascii_text = "".join(c for c in text if not 128 <= ord(c) <= 255)
    return set(re.sub(r"\W", " ", ascii_text).lower().split())


def token_set_ratio(a, b):
    one, other = words(a), words(b)
    if not one or not other:
        return 0
    join = lambda some: " ".join(sorted(some))
    both = join(one & other)
    left = (both + " " + join(one - other)).strip()
    right = (both + " " + join(other - one)).strip()
    return max(ratio(both, left), ratio(both, right), ratio(left, right))


def draws(seed):
    rng = random.Random(seed)
    order = list(range(30))
    result = {"seed": seed, "random": [rng.random() for _ in range(5)]}
    result["uniform"] = [rng.uniform(19.99, 27.99) for _ in range(3)]
    result["pairs"] = [rng.sample([10, 20, 30, 40][:n], 2) for n in (4, 4, 3, 2, 4)]
    rng.shuffle(order)
    result["shuffled"] = order
    # Far enough for the generator to refill its state.
    for _ in range(700):
        rng.random()
    result["later"] = rng.random()
    return result


def pairs():
    rng = random.Random(7)
    some = lambda: " ".join(rng.choice(WORDS) for _ in range(rng.randint(1, 6)))
    for _ in range(300):
        a, b = some(), some()
        # A misspelling, so that scores near the threshold occur.
        if rng.random() < 0.5:
            at = rng.randrange(len(a))
            b = a[:at] + rng.choice("aeins ") + a[at + 1 :]
        yield a, b
    # Longer than 200 characters: difflib leaves its most frequent ones out.
    for _ in range(10):
        a = " ".join(rng.choice("abcdefgh") * rng.randint(1, 9) + str(i) for i in range(60))
        yield a, "".join(c if rng.random() > 0.1 else "z" for c in a)
    yield "", "red"
    yield "-- !", "red"


Path(__file__).with_name("vectors.json").write_text(
    json.dumps(
        {
            "provenance": {"python": platform.python_version(), "generator": "generate.py"},
            "random": [draws(seed) for seed in (0, 1, 233, 2**32 - 1)],
            "fuzzy": [[a, b, token_set_ratio(a, b)] for a, b in pairs()],
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )
    + "\n"
)
