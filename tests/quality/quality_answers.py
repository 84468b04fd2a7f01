"""Answers with sound and unsound code. Question, answer; for bad ones the check that fails and what its reason says."""

from textwrap import dedent

ASK = "Write a Python function that returns the largest number of a list."
NAMED = "Write a Python function called `is_prime` that returns whether n is prime."
HOW = "How do I read a file?"


def code(body, label="python", more=""):
    return f"Here it is:\n\n```{label}\n{dedent(body).strip()}\n```\n{more}"


GOOD = [
    (ASK, code("def largest(items):\n    best = items[0]\n    for item in items[1:]:\n        if item > best:\n            best = item\n    return best")),
    (ASK, "def largest(items):\n    return max(items)"),
    (
        NAMED,
        code("""
            def is_prime(n: int) -> bool:
                if n < 2:
                    return False
                for d in range(2, int(n ** 0.5) + 1):
                    if n % d == 0:
                        return False
                return True
        """),
    ),
    (
        "Write a Python function that finds the index of an item.",
        code("""
            def find(items, wanted):
                for i, item in enumerate(items):
                    if item == wanted:
                        return i
        """),
    ),
    (
        "Write a Python function that returns the user's age or None.",
        code("""
            def age(user):
                if "age" in user:
                    return user["age"]
        """),
    ),
    (
        ASK,
        code("""
            from typing import Optional

            def largest(items: list[int]) -> Optional[int]:
                if items:
                    return max(items)
        """),
    ),
    (
        "Write a Python function that asks until a number is given.",
        code("""
            def ask() -> int:
                while True:
                    try:
                        return int(input())
                    except ValueError:
                        print("a number, please")
        """),
    ),
    (
        "Write a Python function that names a colour.",
        code("""
            def name(colour: int) -> str:
                match colour:
                    case 1:
                        return "red"
                    case 2:
                        return "blue"
                    case _:
                        raise ValueError(colour)
        """),
    ),
    (
        "Write a Python generator that yields even numbers.",
        code("""
            def evens(limit: int):
                for n in range(limit):
                    if n % 2 == 0:
                        yield n
        """),
    ),
    (
        "Write a Python function that saves rows.",
        code("""
            def save(db, rows):
                try:
                    db.write(rows)
                except:
                    db.rollback()
                    raise
        """),
    ),
    (
        "Write a Python class for a stack.",
        code("""
            from abc import ABC, abstractmethod

            class Base(ABC):
                @abstractmethod
                def push(self, item) -> bool:
                    ...

            class Stack(Base):
                def __init__(self):
                    self.items = []

                def push(self, item) -> bool:
                    self.items.append(item)
                    return True
        """),
    ),
    (
        ASK,
        code("import numpy as np\n\ndef largest(items):\n    return np.max(items)") + code("print(largest([1, 2]))"),
    ),
    ("Write a Python function that filters the DataFrame df by age.", code("import pandas as pd\n\ndef adults():\n    return df[df['age'] > 17]")),
    ("Given the class `Node`, write a Python function that counts nodes.", code("def count(node: Node) -> int:\n    return 1 + sum(map(count, node.children))")),
    (HOW, code("with open(path) as f:\n    data = f.read()\n    process(data)")),
    (HOW, code(">>> open('a').read()\n'hi'")),
    (
        "Write a Python function that returns the sign of a number.",
        code("""
            def sign(n):
                if n > 0:
                    return 1
                elif n < 0:
                    return -1
                else:
                    return 0
        """),
    ),
    (
        "Write a Python function that reads a file, with a context manager.",
        code("""
            def read(path: str) -> str:
                with open(path) as f:
                    return f.read()
        """),
    ),
    (
        "Write a Python function that returns the first line.",
        code("""
            import sys

            def first(path: str) -> str:
                try:
                    with open(path) as f:
                        return f.readline()
                except OSError as error:
                    sys.exit(str(error))
        """),
    ),
    (
        "Write a Python function that solves n queens.",
        code("""
            def queens(n: int) -> list[list[int]]:
                found = []

                def place(row: int, columns: list[int]) -> None:
                    if row == n:
                        found.append(columns)
                        return
                    for column in range(n):
                        if all(column != c and abs(column - c) != row - r for r, c in enumerate(columns)):
                            place(row + 1, [*columns, column])

                place(0, [])
                return found
        """),
    ),
    ("Write a JavaScript function that adds.", code("const add = (a, b) => a + b;", "javascript")),
    ("Write a Kotlin function that adds.", code("fun add(a: Int, b: Int) = a + b", "kotlin")),
    ("What is the capital of France?", "Paris."),
]  # fmt: skip

DEEP = (
    "def f(a):\n" + "".join(f"{'    ' * level}for x{level} in a:\n" for level in range(1, 9)) + "    " * 9 + "print(x1)"
)
BRANCHED = "def f(a):\n" + "".join(f"    if a == {n}:\n        print({n})\n" for n in range(20))

BAD = [
    (ASK, code("def largest(items)\n    return max(items)"), "syntax", "does not parse"),
    (ASK, code("def largest(items):\n    return np.max(items)"), "undefined_names", "np on line 2: not defined"),
    (ASK, code("def largest(items: List[int]) -> int:\n    return max(items)"), "undefined_names", "List on line 1"),
    (ASK, code("def largest(items):\n    for item in items:\n        if item > best:\n            best = item\n    return best"), "undefined_names", "best"),
    (ASK, code("def largest(items):\n    return maximum(itms)"), "undefined_names", "maximum on line 2, itms on line 2"),
    (HOW, code("print('%s and %s' % (1,))"), "undefined_names", "on line 1"),
    (HOW, code("for x in y:\n    pass\nbreak"), "undefined_names", "on line 3"),
    (ASK, code("def largest(items):\n    return max(items)\n    print('done')"), "unreachable_code", "line 3 is never reached"),
    (HOW, code("def run():\n    while True:\n        step()\n    close()"), "unreachable_code", "line 4 is never reached, line 2"),
    (HOW, code("def f(a):\n    if a:\n        return 1\n    else:\n        raise ValueError\n    return 2"), "unreachable_code", "line 6"),
    (HOW, code("for a in b:\n    continue\n    print(a)"), "unreachable_code", "line 3"),
    (HOW, code("try:\n    run()\nexcept:\n    print('failed')"), "bare_except", "line 3"),
    (NAMED, code("def is_prime(n):\n    if n < 2:\n        return False\n    for d in range(2, n):\n        if n % d == 0:\n            return False"), "missing_return", "is_prime returns a value on line 3, but can also end without one"),
    (HOW, code("def size(path) -> int:\n    if path:\n        return 1"), "missing_return", "size returns a value on line 3"),
    (HOW, code("def size(path) -> int:\n    print(path)"), "missing_return", "size returns nothing, a value was declared"),
    (ASK, code("def largest(items):\n    print(max(items))"), "missing_return", "largest returns nothing, a value was asked for"),
    (HOW, code("def load(path) -> dict:\n    try:\n        return eval(open(path).read())\n    except OSError:\n        print('no file')"), "missing_return", "load returns a value on line 3"),
    (HOW, code("def has_key(d, k):\n    while d:\n        if k in d:\n            return True\n        d = d.parent"), "missing_return", "has_key"),
    (HOW, code("def name(x) -> str:\n    if x == 1:\n        return 'a'\n    elif x == 2:\n        return 'b'"), "missing_return", "name"),
    (HOW, code(DEEP), "complexity", "f nests 8 levels deep"),
    (HOW, code(BRANCHED), "complexity", "f has 21 branches"),
    (NAMED, code("def check(n):\n    return n > 1"), "asked_function", "is_prime, is not defined"),
    (ASK, code("print(max([1, 2, 3]))"), "asked_function", "none is defined"),
    (ASK, code("def largest(items):\n    pass"), "asked_function", "has no body"),
    ("Write a JavaScript function that adds.", code("const add = (a, b => a + b;", "js"), "syntax", "does not parse"),
    (ASK, "Compare them one by one and keep the larger.", "syntax", "none came"),
]  # fmt: skip
