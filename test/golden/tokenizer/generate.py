"""Golden vectors of byte-level BPE tokenizers, from the `tokenizers` library of Python.

    python test/golden/tokenizer/generate.py [DIRECTORY OF THE REAL QWEN2.5 TOKENIZER]

Writes beside itself: `small-bpe.json`, a tokenizer.json of Qwen2.5's kind (its pre-tokenizer pattern, NFC, byte
level, added tokens) trained on this repository's README.md and the phrases below; `vectors.json`, for each
string its ids by the small and by the real tokenizer, with added tokens recognised (`markup`) and spelled out
(`plain`), and for some sequences of ids their texts. Versions and date are in `provenance.json`.
"""
import datetime, gzip, json, platform, random, sys
from pathlib import Path

import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
REAL = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "../shared/data/qwen2.5")

PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
ADDED = ["<tool_call>", "</tool_call>"]
PHRASES = [
    "Thought: I need sticks first. Action: get 2 bamboo",
    "You are a careful player. Answer with one command inside <action> </action>.",
    "Grüße aus Köln, café, naïve, über, señor", "Привет, мир и друзья", "你好，世界。我们去北京。", "こんにちは世界",
    "안녕하세요 세계", "שלום עולם", "مرحبا بالعالم", "😀 👍 🎉", "x² + y² = z²",
]


def small() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(PATTERN), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    corpus = [*(ROOT / "README.md").read_text().splitlines(), *PHRASES * 3]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=700, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(corpus, trainer)
    tokenizer.add_special_tokens([AddedToken(text, normalized=False, special=True) for text in SPECIAL])
    tokenizer.add_tokens([AddedToken(text, normalized=False, special=False) for text in ADDED])
    return tokenizer


CURATED = [
    "", " ", "  ", "\n", "\n\n", "\r\n", "\t", " \n ", "a", "Hello, world!", "Hello  world", " leading", "trailing ",
    "it's IT'S we'Ve I'LL they'd 'S 'ſ 'ſt", "don't", "''s", "12345", "3.14159 1,000,000", "٣٤٥ ४२ ⅷ ² ½", "x=1;y=2",
    "def f(x):\n    return x + 1\n\n\n    # end\n", "a\u00a0b\u2003c\u3000d\u0085e\ufefff\u200bg", "\u2028\u2029",
    "café cafe\u0301 \u212b \u2126 \u1e9b\u0323 \u0958 \uac00 \u1100\u1161\u11a8", "e\u0301\u0323 \u0344 a\u0308\u0301",
    "ﬁ ligature ﬃ", "naïve Ünïcödé", "Привет, мир!", "你好，世界！", "日本語テキスト", "안녕하세요", "שלום", "مرحبا بالعالم", "नमस्ते दुनिया", "ไทย ภาษา",
    "😀😃👍🏽👨‍👩‍👧‍👦🇩🇪❤️", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝟙𝟚𝟛 𠀀𪚥", "\x00\x01\x02\x1b[31m\x7f", "\x0b\x0c\x1c\x1d\x1e\x1f", "\ufffd\uffff\U0010ffff\ue000",
    "<|im_end|>", "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n", "a<|im_end|>b <|im_end|> c",
    "<|im_end|", "<|im_end |>", "<|IM_END|>", "<|im_start|><|im_start|>", "<|<|im_end|>|>", "x<|endoftext|>",
    '<tool_call>\n{"name": "f", "arguments": {"x": 1}}\n</tool_call>', "<tool_call", "<|im_end|>\n\n  next",
    "cafe<|im_end|>\u0301", "<action>get 4 bamboo</action>", "http://example.org/a?b=c&d=%20#e", "a" * 70, " " * 33,
    "ab" * 40, "!?" * 30, "\n" * 20, "https://x.y  \n\t\n  \n", "A\r\rB\r\n\r\nC", "¿Qué? «Oui» „Ja“", "100%@#$^&*()_+-=[]{}|;':\",./<>?`~\\",
]


def fuzz(count: int, seed: int) -> list[str]:
    """Random strings in which white space, digits, scripts, marks and tokens meet."""
    draw = random.Random(seed)
    pieces = [
        *" \n\r\t'\"<>|.,!?-_/\\0123456789", *"abcdefgzABZéßİıſK", "'s", "'LL", "\u0301", "\u0308", "\u1161", "\u11a8", "가",
        "\u00a0", "\u2003", "\u0085", "\u200d", "\ufeff", "中", "文", "あ", "я", "ב", "م", "न", "\u094d", "ไ", "😀", "🏽", "𝔘", "²", "½", "Ⅷ",
        "<|im_end|>", "<|im_start|>", "<|im", "_end|>", "<tool_call>", "  ", "\n\n", " the", "ing ", "\x00", "\x1f", "\U0010ffff", "\ufffd",
    ]
    def character() -> str:
        while True:
            code = draw.choice([0x300, 0x3000, 0x11000, 0x30000])
            code = draw.randrange(code)
            if not 0xD800 <= code < 0xE000:
                return chr(code)
    def text() -> str:
        return "".join(draw.choice(pieces) if draw.random() < 0.8 else character() for _ in range(draw.randrange(1, 24)))
    return [text() for _ in range(count)]


def plain(definition: str) -> Tokenizer:
    """The same tokenizer, whose added tokens all are spelled out."""
    json_ = json.loads(definition)
    for token in json_["added_tokens"]:
        token["special"] = True
    tokenizer = Tokenizer.from_str(json.dumps(json_))
    tokenizer.encode_special_tokens = True
    return tokenizer


def ids_of(tokenizer: Tokenizer, texts: list[str]) -> list[list[int]]:
    return [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]


def sequences(size: int, count: int, seed: int) -> list[list[int]]:
    """Random ids: their bytes are seldom whole characters."""
    draw = random.Random(seed)
    below = lambda: draw.randrange(256) if draw.random() < 0.6 else draw.randrange(size)
    return [[below() for _ in range(draw.randrange(1, 12))] for _ in range(count)]


def main() -> None:
    tokenizer = small()
    definition = tokenizer.to_str(pretty=True)
    (HERE / "small-bpe.json").write_text(definition + "\n")
    with gzip.open(REAL / "tokenizer.json.gz", "rt", encoding="utf-8") as file:
        real_definition = file.read()
    real = Tokenizer.from_str(real_definition)
    texts = CURATED + fuzz(240, 1)
    def vectors(one: Tokenizer, definition: str) -> dict:
        size = one.get_vocab_size(with_added_tokens=True)
        drawn = sequences(size, 60, 2)
        return {
            "vocabulary": size,
            "markup": ids_of(one, texts),
            "plain": ids_of(plain(definition), texts),
            "decoded": [{"ids": ids, "text": one.decode(ids, skip_special_tokens=False)} for ids in drawn],
        }
    vectors_ = {"texts": texts, "small": vectors(tokenizer, definition), "qwen2.5": vectors(real, real_definition)}
    (HERE / "vectors.json").write_text(json.dumps(vectors_, ensure_ascii=True, separators=(",", ":")) + "\n")
    provenance = {
        "generator": "test/golden/tokenizer/generate.py",
        "date": datetime.date.today().isoformat(),
        "python": platform.python_version(),
        "tokenizers": tokenizers.__version__,
        "real tokenizer": "../shared/data/qwen2.5/tokenizer.json.gz",
        "small tokenizer": "trained by the generator on README.md of that day and its own phrases",
    }
    (HERE / "provenance.json").write_text(json.dumps(provenance, indent=2) + "\n")


if __name__ == "__main__":
    main()
