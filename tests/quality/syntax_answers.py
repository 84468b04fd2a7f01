"""Answers as models write them, whose code parses or does not. Question, answer; for bad ones what the reason says."""

HOW = "How do I do that?"


def fenced(label, code, before="Here is one way to do it:", after="Let me know if you have questions."):
    return f"{before}\n\n```{label}\n{code}\n```\n\n{after}"


GOOD = [
    # Python
    (
        "Write a Python function that merges two sorted lists.",
        fenced(
            "python",
            "def merge(a: list[int], b: list[int]) -> list[int]:\n    result = []\n    i = j = 0\n"
            "    while i < len(a) and j < len(b):\n        if a[i] <= b[j]:\n            result.append(a[i])\n"
            "            i += 1\n        else:\n            result.append(b[j])\n            j += 1\n"
            "    return result + a[i:] + b[j:]",
        ),
    ),
    ("Write a Python function that doubles x.", "def double(x):\n    return 2 * x\n\nCall it with a number."),
    (HOW, fenced("py", "with open('a.txt') as f:\n    for line in f:\n        ...")),
    (HOW, fenced("python", ">>> sum([1, 2])\n3\n>>> for x in 'ab':\n...     print(x)\na\nb")),
    (HOW, fenced("python", "%matplotlib inline\n!pip install pandas\nimport pandas as pd\ndf = pd.read_csv('x.csv')")),
    (HOW, fenced("python", "elif n == 0:\n    print('zero')\nelse:\n    print('other')")),
    (HOW, fenced("python", "pip install requests") + fenced("", "import requests\n\nprint(requests.get('x').text)")),
    (
        "How do I annotate a generic function?",
        fenced("python", "def first[T](items: list[T]) -> T:\n    return items[0]"),
    ),
    (
        HOW,
        "1. Open it:\n\n   ```python\n   def load(path):\n       return open(path).read()\n   ```\n\n2. Done.",
    ),
    (
        "What is wrong with my code?",
        fenced("python", "def f(x)\n    return x", before="This is wrong, because a colon is missing:")
        + fenced("python", "def f(x):\n    return x", before="Fixed:"),
    ),
    (HOW, fenced("python", ">>> 1 +\nSyntaxError: invalid syntax")),
    # JavaScript
    (
        "Write a JavaScript function that debounces another.",
        fenced(
            "javascript",
            "const debounce = (fn, wait = 100) => {\n  let timer;\n  return (...args) => {\n    clearTimeout(timer);\n"
            "    timer = setTimeout(() => fn(...args), wait);\n  };\n};",
        ),
    ),
    (HOW, fenced("js", "async function load(url) {\n  ...\n  return await (await fetch(url)).json();\n}")),
    (
        HOW,
        fenced(
            "jsx",
            "export default function App() {\n  const [n, setN] = useState(0);\n"
            "  return <button style={{ color: 'red' }} onClick={() => setN(n + 1)}>{n}</button>;\n}",
        ),
    ),
    (HOW, fenced("js", "add(a, b) {\n  return a + b;\n}", before="Add this method to your class:")),
    (HOW, fenced("js", "{\n  name: 'x',\n  data: { a: 1 },\n  run() { ... },\n}")),
    (HOW, fenced("javascript", "const items: string[] = [];", before="With types:")),
    # TypeScript
    (
        "Write a TypeScript function that groups items by a key.",
        fenced(
            "typescript",
            "function groupBy<T, K extends PropertyKey>(items: T[], key: (item: T) => K): Record<K, T[]> {\n"
            "  return items.reduce((acc, item) => {\n    (acc[key(item)] ||= []).push(item);\n    return acc;\n"
            "  }, {} as Record<K, T[]>);\n}",
        ),
    ),
    (HOW, fenced("ts", "type Partial2<T> = { [K in keyof T]?: T[K] };\nenum Color { Red = 'r', Blue = 'b' }")),
    (
        HOW,
        fenced("ts", "interface Props { name: string }\nconst Hi: React.FC<Props> = ({ name }) => <p>Hi {name}</p>;"),
    ),
    (HOW, fenced("typescript", "name: string;\nage?: number;", before="Your interface needs two fields:")),
    # Go
    (
        "Write a Go function that reverses a string.",
        fenced(
            "go",
            "func Reverse(s string) string {\n\trunes := []rune(s)\n\tfor i, j := 0, len(runes)-1; i < j; i, j = i+1, j-1 {\n"
            "\t\trunes[i], runes[j] = runes[j], runes[i]\n\t}\n\treturn string(runes)\n}",
        ),
    ),
    (HOW, fenced("go", "if err := json.NewDecoder(r.Body).Decode(&v); err != nil {\n\thttp.Error(w, err.Error(), 400)\n}")),
    (HOW, fenced("golang", "package main\n\nfunc Map[T, U any](s []T, f func(T) U) []U {\n\t...\n}")),
    (HOW, fenced("go", 'Name string `json:"name"`\nAge  int    `json:"age,omitempty"`', before="Add the tags:")),
    # Rust
    (
        "Write a Rust function that counts words.",
        fenced(
            "rust",
            "use std::collections::HashMap;\n\nfn count(text: &str) -> HashMap<&str, usize> {\n"
            "    let mut map = HashMap::new();\n    for word in text.split_whitespace() {\n"
            "        *map.entry(word).or_insert(0) += 1;\n    }\n    map\n}",
        ),
    ),
    (HOW, fenced("rust", 'let total: i32 = v.iter().sum();\nprintln!("{total}");')),
    (HOW, fenced("rs", "Some(x) if x > 0 => x,\nNone => 0,\n_ => -1,", before="The arms of the match:")),
    (HOW, fenced("rust", "impl<T: Display> Show for T {\n    fn show(&self) -> String { ... }\n}")),
    # Java
    (
        "Write a Java method that checks for a palindrome.",
        fenced(
            "java",
            "public static boolean isPalindrome(String s) {\n    int i = 0, j = s.length() - 1;\n    while (i < j) {\n"
            "        if (s.charAt(i++) != s.charAt(j--)) return false;\n    }\n    return true;\n}",
        ),
    ),
    (HOW, fenced("java", "List<String> names = users.stream().map(User::name).filter(n -> !n.isBlank()).toList();")),
    (HOW, fenced("java", "list.get(0)", before="Use:")),
    (
        HOW,
        fenced(
            "java",
            'public record Point(int x, int y) {}\n\nString kind = switch (day) {\n    case SAT, SUN -> "off";\n'
            '    default -> { yield "work"; }\n};',
        ),
    ),
    (HOW, fenced("java", "@Override\npublic void run() {\n    ...\n}")),
    # C
    (
        "Write a C function that computes the length of a string.",
        fenced("c", "size_t len(const char *s) {\n    const char *p = s;\n    while (*p) p++;\n    return (size_t)(p - s);\n}"),
    ),
    (HOW, fenced("c", 'int *a = malloc(n * sizeof *a);\nif (a == NULL) {\n    perror("malloc");\n    exit(EXIT_FAILURE);\n}')),
    (HOW, fenced("c", "#include <iostream>\nint main() { std::cout << 1; auto f = [](int x) { return x; }; }")),
    (HOW, fenced("c", "struct node {\n    int value;\n    struct node *next;\n};\n\nvoid push(struct node **head, int v) { ... }")),
    # Bash
    (
        "Write a bash script that renames files.",
        fenced("bash", '#!/usr/bin/env bash\nset -euo pipefail\n\nfor f in *.txt; do\n  mv -- "$f" "${f%.txt}.md"\ndone'),
    ),
    (HOW, fenced("sh", 'git clone <repo-url>\ncd my-project && npm install\nexport PATH="$HOME/bin:$PATH"')),
    (HOW, fenced("bash", "$ ls -l\ntotal 0 (empty)\n$ cat <<EOF > a.txt\nhello\nEOF")),
    (HOW, fenced("console", "user@host:~$ docker ps\nCONTAINER ID   IMAGE (none)\n")),
    (HOW, fenced("bash", 'if [[ $1 =~ ^[0-9]+$ ]]; then echo "$(( $1 * 2 ))"; else echo no >&2; fi')),
    # SQL
    (
        "Write a SQL query that finds the second highest salary.",
        fenced("sql", "SELECT MAX(salary) AS second\nFROM employees\nWHERE salary < (SELECT MAX(salary) FROM employees)"),
    ),
    ("Write a SQL query to list all users.", "SELECT id, name\nFROM users\nORDER BY name;"),
    ("Write a SQL query to count users.", "You can use `SELECT COUNT(*) FROM users;` for that."),
    (
        HOW,
        fenced(
            "sql",
            "WITH ranked AS (\n  SELECT *, ROW_NUMBER() OVER (PARTITION BY dept ORDER BY pay DESC) AS rn FROM emp\n)\n"
            "SELECT * FROM ranked WHERE rn <= 3;",
        ),
    ),
    (HOW, fenced("mysql", "SELECT * FROM orders WHERE created >= DATE_SUB(CURDATE(), INTERVAL 30 DAY);")),
    (HOW, fenced("tsql", "SELECT TOP 5 [Name] FROM [dbo].[Users] WHERE [Id] > @id ORDER BY [Name];")),
    (HOW, fenced("sql", "INSERT INTO t (a) VALUES (:a)\nON CONFLICT (a) DO UPDATE SET a = EXCLUDED.a;")),
    (HOW, fenced("sql", "DELIMITER //\nCREATE PROCEDURE p()\nBEGIN\n  DECLARE x INT;\nEND //\nDELIMITER ;")),
    (HOW, fenced("sql", "WHERE created_at BETWEEN '2024-01-01' AND '2024-02-01'", before="Add the clause:")),
    (HOW, fenced("sql", "SELECT ... FROM orders GROUP BY customer_id;")),
    # HTML
    (
        "Write the HTML code for a login form.",
        fenced(
            "html",
            '<!DOCTYPE html>\n<html lang="en">\n<head><title>Log in &amp; go</title></head>\n<body>\n'
            '<form action="/login" method="post">\n  <label>Name <input name="user" required></label><br>\n'
            "  <button type=\"submit\">Go</button>\n</form>\n<script>\n  if (1 < 2) { console.log('hi'); }\n</script>\n"
            "</body>\n</html>",
        ),
    ),
    (HOW, fenced("html", "<ul>\n  <li>One\n  <li>Two & three\n</ul>\n<p>First\n<p>Second")),
    (HOW, fenced("html", "<ul>\n{% for x in items if x < 3 %}\n  <li>{{ x }}</li>\n{% endfor %}\n</ul>")),
    (HOW, fenced("html", '<div class="card" id="first">', before="Give it a class:")),
    (HOW, fenced("html", '<div class="card">\n  ...\n</div>')),
    # CSS
    (HOW, fenced("css", ".parent {\n  display: grid;\n  place-items: center;\n}\n\n.parent > :nth-child(2n + 1):hover { color: red }")),
    (HOW, fenced("css", ":root { --gap: 1rem; }\n@media (min-width: 40em) {\n  .a { margin: calc(2 * var(--gap)); &:hover { opacity: .5; } }\n}")),
    (HOW, fenced("css", "display: flex;\njustify-content: center;")),
    (HOW, fenced("css", "@keyframes spin {\n  from { rotate: 0deg; }\n  to { rotate: 360deg; }\n}\n.b { ... }")),
    # JSON, TOML, YAML
    ("Give me a person as a JSON object.", '{"name": "Ada", "born": 1815}'),
    (HOW, fenced("json", '{\n  // the compiler\n  "compilerOptions": {\n    "strict": true,\n    ...\n  },\n}')),
    (HOW, fenced("json", '"scripts": {\n  "test": "pytest"\n}', before="In package.json add:")),
    (HOW, fenced("jsonl", '{"a": 1}\n{"a": 2}')),
    (HOW, fenced("toml", '[project]\nname = "x"\ndependencies = [\n  "rich>=13",\n]\n...\n[tool.ruff]\nline-length = 100')),
    (HOW, fenced("toml", "[[servers]]\nport = 80\nstarted = 1979-05-27T07:32:00Z")),
    (HOW, fenced("yaml", "on:\n  push:\n    branches: [main]\njobs:\n  test:\n    steps:\n      - run: |\n          echo hi")),
    (HOW, fenced("yml", "base: &base\n  image: x\nother:\n  <<: *base\n---\nkind: Second")),
    (HOW, fenced("yaml", "name: {{ .Values.name }}\n{{- if .Values.on }}\nreplicas: 2\n{{- end }}")),
    # Other languages, other things in blocks, and no code
    ("Write a Haskell function that doubles.", fenced("haskell", "double :: Int -> Int\ndouble x = 2 * x")),
    (HOW, fenced("", "src/\n├── main.py\n└── util.py (helpers")),
    (HOW, fenced("diff", "-a = (1\n+a = (1)")),
    ("Write a regular expression that matches a date.", r"`^\d{4}-\d{2}-\d{2}$`"),
    ("What is the capital of France?", "Paris."),
    ("Explain imports in Python.", "import is a keyword that loads a module. For example, `import os` loads os."),
    ("Why does SELECT matter?", "SELECT is the word with which most statements begin, and FROM names the table."),
    ("Explain SQL.", "The general form is:\n\nSELECT column, other FROM table WHERE some condition AND so on"),
    ("Explain this code.", "The function returns early (see line 3), so the loop never runs; that is all."),
]  # fmt: skip

BAD = [
    # Python
    ("Write a Python function that adds.", fenced("python", "def add(a, b)\n    return a + b"), "expected ':' at line 1"),
    ("Write a Python function that adds.", "def add(a, b):\n    return (a + b", "never closed at line 2"),
    (HOW, fenced("python", "for i in range(3):\nprint(i)"), "expected an indented block"),
    (HOW, fenced("py", "x = {'a': 1, 'b' 2}"), "does not parse"),
    ("Write a Python script that prints all.", fenced("python", "items.forEach(x => { console.log(x) })"), "the Python does not parse"),
    (HOW, fenced("", "import os\n\ndef f(:\n    pass"), "at line 3"),
    (HOW, fenced("python", "x = 1") + fenced("python", "if x = 1:\n    pass"), "of block 2 does not parse"),
    ("Write a Python script that prints 1.", fenced("javascript", "console.log(1);"), "Python was asked for, JavaScript"),
    # JavaScript
    (
        "Write a JavaScript function that sums an array.",
        fenced("javascript", "function sum(items) {\n  return items.reduce((a, b) => a + b, 0;\n}"),
        "at line 2",
    ),
    (HOW, fenced("js", "const user = {\n  name: 'Ada'\n  age: 36\n};"), "does not parse"),
    (HOW, fenced("js", "if (x > 1 {\n  run();\n}"), "“)” is missing at line 1"),
    (HOW, fenced("js", "fuction add(a, b) {\n  return a + b;\n}"), "does not parse"),
    (HOW, fenced("jsx", "const A = () => <div><p>hi</div>;"), "does not parse"),
    (HOW, fenced("", "const f = async () => {\n  await run();\n"), "JavaScript does not parse"),
    # TypeScript
    (HOW, fenced("ts", "interface User {\n  name string;\n  age: number;\n}"), "at line 2"),
    (HOW, fenced("typescript", "function id<T(x: T): T {\n  return x;\n}"), "does not parse"),
    (HOW, fenced("ts", "const add = (a: number, b: number): number =>"), "does not parse"),
    # Go
    ("Write a Go function that adds.", fenced("go", "func add(a int, b int) int {\n\treturn a +\n}"), "at line 2"),
    (HOW, fenced("go", "for i := 0; i < 3; i++\n\tfmt.Println(i)\n}"), "does not parse"),
    (HOW, fenced("go", 'package main\n\nfunc main() {\n\tfmt.Println("hi"\n}'), "at line 4"),
    (HOW, fenced("go", "x = := 3"), "does not parse"),
    # Rust
    ("Write a Rust function that adds.", fenced("rust", "fn add(a i32, b i32) -> i32 {\n    a + b\n}"), "at line 1"),
    (HOW, fenced("rust", 'fn main() {\n    let x = 5\n    println!("{}", x);\n}'), "at line 2"),
    (HOW, fenced("rust", "let v = vec![1, 2, 3;\nfor x in v { }"), "does not parse"),
    (HOW, fenced("rust", 'match x {\n    1 -> "one",\n    _ => "other",\n}'), "at line 2"),
    # Java
    (
        "Write a Java method that adds.",
        fenced("java", "public int add(int a, int b) {\n    int c = a + b\n    return c;\n}"),
        "lines 2 to 3 do not fit together, from “b”",
    ),
    (HOW, fenced("java", "public class A {\n    public static void main(String[] args) {\n        run();\n    }"), "does not parse"),
    (HOW, fenced("java", "for (int i = 0, i < 3, i++) {\n    run(i);\n}"), "lines 1 to 3 do not fit"),
    (HOW, fenced("java", 'String s = "abc;\nint n = 1;'), "does not parse"),
    # C
    ("Write a C function that adds.", fenced("c", "int add(int a, int b {\n    return a + b;\n}"), "at line 1"),
    (HOW, fenced("c", '#include <stdio.h>\nint main(void) {\n    printf("hi")\n    return 0;\n}'), "“;” is missing at line 3"),
    (HOW, fenced("c", "struct point {\n    int x;\n    int y;\n}\nint main(void) { return 0 }"), "does not parse"),
    (HOW, fenced("c", "int a[3] = {1, 2, 3;\nfor (;;) { }"), "does not parse"),
    # Bash
    ("Write a bash script that lists files.", fenced("bash", 'for f in *.txt\n  echo "$f"\ndone'), "does not parse"),
    (HOW, fenced("bash", "if [ -f a.txt ]; then\n  echo yes\n"), "does not parse"),
    (HOW, fenced("sh", 'echo "unclosed\nls -l'), "does not parse"),
    (HOW, fenced("bash", "$ ls\na.txt\n$ for x in 1 2; do echo $x"), "does not parse"),
    (HOW, fenced("bash", "case $1 in\n  a) echo a ;;\n"), "does not parse"),
    # SQL
    ("Write a SQL query that lists users.", fenced("sql", "SELECT * FORM users;"), "does not parse"),
    ("Write a SQL query that lists users.", "SELECT id, name\nFROM users\nWHERE (age > 3;", "does not parse"),
    (HOW, fenced("sql", "SELECT name,\n       age,\nFROM users;"), "a comma before FROM at line 2"),
    (HOW, fenced("sql", "SELECT name FROM users WHERE ORDER BY name;"), "does not parse"),
    (HOW, fenced("sql", "INSERT INTO users (name, email VALUES ('a', 'b');"), "does not parse"),
    (HOW, fenced("sql", "CREATE TABLE t (\n  id INT PRIMARY KEY\n  name TEXT\n);"), "does not parse"),
    (HOW, fenced("sql", "CREATE TABEL t (id INT);"), "does not parse"),
    # HTML
    (HOW, fenced("html", '<div class="a">\n  <p>Hi</p>\n'), "<div> at line 1 is not closed"),
    (HOW, fenced("html", "<div><span>Hi</div>"), "<span> at line 1 is not closed"),
    (HOW, fenced("html", "<h1>Title</h2>"), "<h1> at line 1 is not closed"),
    (HOW, fenced("html", "<p>Hi</span></p>"), "</span> at line 1 closes nothing"),
    (HOW, fenced("html", "<p>Hi</p></div>"), "unexpected “</div>” at line 1"),
    (HOW, fenced("html", '<a href="x>link</a>'), "does not parse"),
    (HOW, fenced("html", "<body>\n<button>x</button>\n<script>\n  function f( {\n  }\n</script>\n</body>"), "lines 4 to 5 do not fit"),
    # CSS
    (HOW, fenced("css", ".a {\n  color: red;\n"), "“}” is missing"),
    (HOW, fenced("css", ".a {\n  color red;\n}"), "at line 2"),
    (HOW, fenced("css", ".a { color: red; }}\n.b { color: blue; }"), "at line 1"),
    # JSON, TOML, YAML
    ("Give me a person as a JSON object.", '{"name": "Ada", "born": 1815', "JSON was asked for"),
    (HOW, fenced("json", "{'name': 'Ada'}"), "line 1"),
    (HOW, fenced("json", '{\n  "a": 1\n  "b": 2\n}'), "at line 3"),
    (HOW, fenced("json", '{{"name": "Ada"}}'), "line 1"),
    (HOW, fenced("toml", "[project\nname = 'x'"), "at line 1"),
    (HOW, fenced("toml", "[a]\nname = Ada"), "at line 2"),
    (HOW, fenced("yaml", "a: 1\n  b: 2"), "at line 2"),
    (HOW, fenced("yaml", "steps:\n\t- run: x"), "does not parse"),
    (HOW, fenced("yaml", "a: *missing"), "*missing at line 1 refers to nothing"),
    # No code where code was asked for
    ("Write a Python function that adds.", "You take both numbers and add them. In O(n) it is not possible.", "none came"),
    ("Write a SQL query that lists users.", "First pick the table, then name the columns you want.", "none came"),
    ("Write a JavaScript function that adds.", fenced("javascript", "// Your code here"), "none came"),
]  # fmt: skip
