"""A page leads on to the next one in its own language, names a script once, and the code below %%gpu is Python."""

from types import SimpleNamespace

from pygments.token import Keyword

from tools.book_extension import CourseLexer, name_scripts_once, neighbour

PAGES = [
    "index",
    "book/03",
    "book/04",
    "book/ru/04",
    "book/05",
    "book/homework/hw1",
    "book/ru/hw1",
    "book/costs",
]
RELATIONS = {
    page: [None, before, after]
    for page, before, after in zip(PAGES, [None, *PAGES[:-1]], [*PAGES[1:], None], strict=True)
}


def way(start, direction):
    found = [start]
    while (page := neighbour(RELATIONS, found[-1], direction)) is not None:
        found.append(page)
    return found


def test_english_pages_follow_each_other_past_the_translations():
    english = [page for page in PAGES if "/ru/" not in page]
    assert way("index", 2) == english
    assert way("book/costs", 1) == english[::-1]


def test_translated_pages_follow_each_other():
    assert way("book/ru/04", 2) == ["book/ru/04", "book/ru/hw1"]
    assert way("book/ru/hw1", 1) == ["book/ru/hw1", "book/ru/04"]


def test_a_page_outside_the_contents_has_no_neighbours():
    assert neighbour(RELATIONS, "search", 2) is None


def test_the_code_of_a_gpu_cell_is_coloured():
    kinds = {text: kind for kind, text in CourseLexer().get_tokens("%%gpu\nfor k in range(3):\n    pass\n")}
    assert kinds["for"] in Keyword and kinds["pass"] in Keyword


def test_a_script_stands_on_a_page_once():
    scripts = [
        SimpleNamespace(filename=name, attributes=attributes)
        for name, attributes in [
            ("first.js", {}),
            (None, {"body": "const x = 1"}),
            ("", {"body": "const x = 1"}),
            ("", {"body": "const y = 2"}),
            ("last.js", {"async": "async"}),
        ]
    ]
    context = {"script_files": scripts}
    name_scripts_once(None, "index", "page.html", context, None)
    found = [script.attributes.get("body", script.filename) for script in context["script_files"]]
    assert found == ["first.js", "const x = 1", "const y = 2", "last.js"]
