import json
from typing import Any

from jupyter_trame.templates.beginnings import read_beginnings


async def test_each_template_has_the_file_to_look_at_first_in_front(jp_fetch: Any, extension: Any) -> None:
    listed = json.loads((await jp_fetch("trame", "api", "v1", "templates")).body)
    assert [each["name"] for each in listed] == [each.name for each in read_beginnings()]
    for each in listed:
        response = await jp_fetch("trame", "api", "v1", "templates", each["name"], params={"app": "my-plot"})
        files = json.loads(response.body)["files"]
        assert files[0]["path"] == each["first"].format(name="my-plot", module="my_plot")
        assert all(file["text"] for file in files)


async def test_what_is_no_template_and_no_name(jp_fetch: Any, extension: Any) -> None:
    response = await jp_fetch("trame", "api", "v1", "templates", "projekt", raise_error=False)
    assert response.code == 404
    assert "is 'project' meant?" in json.loads(response.body)["message"]
    response = await jp_fetch(
        "trame", "api", "v1", "templates", "app", params={"app": "../x"}, raise_error=False
    )
    assert response.code == 400
    assert "../x" in json.loads(response.body)["message"]
