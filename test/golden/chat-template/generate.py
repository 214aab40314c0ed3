"""Golden vectors of chat templates, from transformers.

    python test/golden/chat-template/generate.py

Renders the conversations below with the templates beside this file, by the function behind `apply_chat_template`, and
encodes them with the small tokenizer of ../tokenizer as `apply_chat_template` does. Writes `vectors.json`: for each
case the template, what it is given, and `text` with `ids`, or the `error` it raises.
"""
import datetime, json, platform
from pathlib import Path

import jinja2, transformers
from transformers import PreTrainedTokenizerFast

HERE = Path(__file__).parent

WEATHER = {
    "type": "function",
    "function": {
        "name": "look_up", "description": "Says what a <word> means & whence it's from: \"é\"",
        "parameters": {"type": "object", "properties": {"word": {"type": "string"}, "limit": {"type": "integer", "default": 3}}, "required": ["word"]},
    },
}
COUNT = {"type": "function", "function": {"name": "count", "parameters": {"type": "object", "properties": {}}}}

user = lambda content: {"role": "user", "content": content}
system = lambda content: {"role": "system", "content": content}
said = lambda content: {"role": "assistant", "content": content}
result = lambda content: {"role": "tool", "content": content}
calls = lambda content, *made: {"role": "assistant", "content": content, "tool_calls": [{"type": "function", "function": {"name": n, "arguments": a}} for n, a in made]}

PLAIN = [user("Craft a stick.\n"), said("get 2 bamboo"), user("Got 2 bamboo"), said("craft 1 stick using 2 bamboo")]
THOUGHTS = [
    system("  Play well. "), user("Goal: stick"), said("<think>\nBamboo first.\n</think>\n\nget 2 bamboo"),
    user("Got 2 bamboo\n"), said("<think>\nNow craft.\n</think>\n\ncraft 1 stick using 2 bamboo"),
]
TOOLS = [
    system("Use what you have."), user("What is Müsli? 你好 😀"), calls("", ("look_up", {"word": "Müsli", "limit": 2, "deep": {"a": [1, 2.5, None, True]}})),
    result('{"found": "a\\nb"}'), said("Food."), user("And these?"), calls("Two at once:", ("look_up", {"word": "x"}), ("count", {})),
    result("one"), result("two\n"),
]
CASES = [
    *[("chatml", {"messages": messages, "add_generation_prompt": prompt}) for messages in ([user("Hi")], PLAIN, PLAIN[:3], [system("Be brief."), *PLAIN], [system(""), user("")], [user("a"), system("later"), user("<|im_end|>b")]) for prompt in (True, False)],
    *[("chatml", {"messages": messages, "tools": tools, "add_generation_prompt": True}) for messages in (TOOLS, TOOLS[:4], TOOLS[1:3]) for tools in ([WEATHER], [WEATHER, COUNT])],
    ("chatml", {"messages": TOOLS, "add_generation_prompt": False}),
    ("chatml", {"messages": [{**calls("", ("f", {})), "tool_calls": [{"name": "bare", "arguments": {}}]}]}),
    *[("reasoning", {"messages": THOUGHTS[:n], "add_generation_prompt": prompt}) for n in (2, 3, 4, 5) for prompt in (True, False)],
    ("reasoning", {"messages": [user("a"), {"role": "critic", "content": "b"}]}),
    *[("features", {"messages": messages}) for messages in (PLAIN, [{**said("x"), "reasoning": "why"}], [user("  a "), {"role": "skip", "content": "x"}, said("b"), {"role": "stop", "content": ""}, user("never")])],
]


def main() -> None:
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(HERE / "../tokenizer/small-bpe.json"), eos_token="<|im_end|>", pad_token="<|endoftext|>")
    def case(template: str, given: dict) -> dict:
        tokenizer.chat_template = (HERE / f"{template}.jinja").read_text()
        try:
            text = tokenizer.apply_chat_template(given["messages"], tools=given.get("tools"), add_generation_prompt=given.get("add_generation_prompt", False), tokenize=False)
        except jinja2.exceptions.TemplateError as error:
            return {"template": template, **given, "error": str(error)}
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        return {"template": template, **given, "text": text, "ids": ids}
    vectors = [case(*each) for each in CASES]
    (HERE / "vectors.json").write_text(json.dumps(vectors, ensure_ascii=True, indent=1) + "\n")
    provenance = {
        "generator": "test/golden/chat-template/generate.py", "date": datetime.date.today().isoformat(), "python": platform.python_version(),
        "transformers": transformers.__version__, "jinja2": jinja2.__version__, "templates": "written for this repository",
    }
    (HERE / "provenance.json").write_text(json.dumps(provenance, indent=2) + "\n")


if __name__ == "__main__":
    main()
