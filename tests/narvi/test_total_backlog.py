"""What waits on all pages of a host together."""

from dataclasses import dataclass, field

from jupyter_trame.narvi.total_backlog import TotalBacklog


@dataclass(eq=False)
class Page:
    waits: int
    gone: list[str] = field(default_factory=list)

    def waiting(self) -> int:
        return self.waits

    def give_up(self, why: str) -> None:
        self.gone.append(why)


def test_who_is_furthest_behind_is_given_up() -> None:
    backlog = TotalBacklog("is last", 800)
    pages = [Page(100), Page(500), Page(400)]
    for page in pages:
        backlog.add(page)
    backlog.grows(100)  # they are counted when an eighth has come
    assert not any(page.gone for page in pages)
    backlog.grows(1)
    assert [page.gone for page in pages] == [[], ["is last"], []]


def test_as_many_as_it_takes_and_none_where_there_is_room() -> None:
    backlog = TotalBacklog("is last", 100)
    pages = [Page(60), Page(70), Page(80)]
    for page in pages:
        backlog.add(page)
    backlog.grows(13)
    assert [len(page.gone) for page in pages] == [0, 1, 1]
    for page in pages[1:]:
        backlog.discard(page)
        backlog.discard(page)
    backlog.grows(13)
    assert [len(page.gone) for page in pages] == [0, 1, 1]
