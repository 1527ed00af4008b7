import pytest

from jupyter_trame.given import check_texts


@pytest.mark.parametrize("given", [["a", "b"], ("a", "b"), {"a": 1, "b": 2}])
def test_texts_are_kept_in_their_order(given: object) -> None:
    assert check_texts("origins", given) == ("a", "b")


@pytest.mark.parametrize("given", ["https://example.org", b"ab", 5, None])
def test_what_is_no_list_is_refused(given: object) -> None:
    with pytest.raises(TypeError, match="origins is a list of texts, not "):
        check_texts("origins", given)


def test_each_has_to_be_text() -> None:
    with pytest.raises(TypeError, match="origins is a list of texts, and holds 5"):
        check_texts("origins", ["a", 5])
