"""Russian words on an English page say that they are Russian, wherever they stand."""

import pytest

from tools.languages import mark_russian


@pytest.mark.parametrize(
    ("page", "marked"),
    [
        ("<p>the word не turns</p>", '<p>the word <span lang="ru">не</span> turns</p>'),
        ("<p>«Девочка, увидев парк»</p>", '<p>«<span lang="ru">Девочка, увидев парк</span>»</p>'),
        (
            "<pre><span class='s'>'за́мок'</span></pre>",
            "<pre><span class='s'>'<span lang=\"ru\">за́мок</span>'</span></pre>",
        ),
        ("<td>да | yes | нет</td>", '<td><span lang="ru">да</span> | yes | <span lang="ru">нет</span></td>'),
        ("<p>да\nнет</p>", '<p><span lang="ru">да</span>\n<span lang="ru">нет</span></p>'),
    ],
)
def test_words_are_marked(page, marked):
    assert mark_russian(page) == marked


@pytest.mark.parametrize(
    "page",
    [
        "<p>plain 12 &amp; more</p>",
        "<script>say('да')</script><style>/* да */</style><title>да</title>",
        '<img alt="да"><!-- да -->',
        '<html lang="ru"><p>да</p></html>',
    ],
)
def test_the_rest_is_left_alone(page):
    assert mark_russian(page) == page
