"""Where our manners and trame's part: one named rule for each difference, asked for by the place that follows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from jupyter_trame.types import Compat

__all__ = ["OURS", "TRAMES", "Manners", "manners_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """The rules of one server.

    A docstring below is a row of ``docs/differences.md``: what holds where the rule is True and where it is False, or
    what its value is, and why ours is as it is.
    """

    compares_types: bool
    """True: A value equals another of its own type and content alone: NaN is the same as NaN.
    False: `==` decides, for which `1` and `True` are the same.
    Why: What looks different to a client is different.
    """

    notices_changes_in_place: bool
    """True: A value that was changed in place is sent with the flush, if it was read, set or handed to a
        listener since the last one.
    False: Such a change is never noticed, not even when the value is assigned again, but for the lists of
        scripts, styles and plugins that packages append to.
    Why: `state.items.append(x)` should do what it says.
    """

    hints_at_unknown_keys: bool
    """True: A key that nobody has set is None, and a hint names the nearest one once; so do hints of other things
        that look like a mistake.
    False: It is None.
    Why: Typos should be found.
    """

    title_is_the_name: bool
    """True: `trame__title` begins as the name of the app.
    False: It begins as `Trame`.
    Why: Tabs are told apart.
    """

    replaces_its_namesake: bool
    """True: A server of a program takes the place of another one of its name, when it is made or started.
    False: They are two apps, and both run. In a kernel the later one takes the place all the same.
    Why: A name is an address.
    """

    clients_write_everything: bool
    """True: Any client may write templates, scripts, styles, plugins and all other keys that begin with
        `trame__`.
    False: The server alone may.
    Why: They act on the pages of others, and some are code.
    """

    clients_fire_server_events: bool
    """True: `trame.lifecycle.update` with an event of the server calls what is registered for it.
    False: It is ignored, with a line in the log.
    Why: Clients do not stop servers that way.
    """

    calls_in_order: bool
    """True: Async calls of one client run one after the other.
    False: They run side by side.
    Why: A slow one delays nothing.
    """

    refuses_unknown_triggers: bool
    """True: The call of an unknown trigger gets the error -32601, which names the nearest.
    False: It gets nil, and the log has a line.
    Why: Typos should be found.
    """

    sends_tracebacks: bool
    """True: A call that raises is answered with the traceback, whoever asks.
    False: Only where the client could execute code anyway (in a kernel), and with `--debug`.
    Why: It holds paths and source of the server.
    """

    logs_errors_of_pages: bool
    """True: An exception in a page is logged, also where the app has an `on_error`.
    False: `on_error` hears of it in place of the log.
    Why: Errors are shown.
    """

    error_of_a_page: str
    """Value: How the log begins a line about an exception in a page.
    Why: Programs look for trame's words.
    """

    keeps_uploads_on_disk: bool
    """True: A file that a user chose is an `UploadedFile` on disk, of which clients together may have 4 GiB
        (`upload_quota`). As a mapping it has what trame's dict has, `isinstance(file, dict)` is false, and two
        files are never equal.
    False: It is trame's dict, whose bytes are in memory: 1 GiB a client under way, and no bound on what the app
        keeps.
    Why: Memory and disks have an end.
    """

    has_the_known_secret: bool
    """True: The secret of a program is `wslink-secret` where only its own machine reaches it. In trame it is
        that everywhere.
    False: It is a fresh one, in the address that is opened.
    Why: Who knows it runs your callbacks.
    """

    prefers_aiohttp: bool
    """True: A program that names no backend has aiohttp where it is installed.
    False: It has tornado.
    Why: Tornado is there anyway.
    """

    draws_vue3_itself: bool
    """True: The page of a program is ours, in the place of trame-client's for Vue 3. `--content` takes another.
    False: It is trame-client's, as any other page of a module.
    Why: Ours has what the one in a notebook has.
    """

    sandboxes_documents: bool
    """True: Served HTML, SVG and XML that is not the page has the policy `sandbox`: scripts run, in an origin
        of their own, without cookies and module scripts.
    False: It is a page of the app's origin. Under Jupyter it is never one.
    Why: A viewer's file would act for others. Where any client may write templates, a sandbox protects nobody.
    """

    framed_by_all: bool
    """True: Pages of all sites may show the page of a program in a frame, unless `frame_ancestors` names some.
    False: Those of its own origin may, and who is named.
    Why: A foreign page could let its user click in the app.
    """

    help_begins: str
    """Value: How `--help` begins.
    Why: Each names its own.
    """


OURS = Manners(
    compares_types=True,
    notices_changes_in_place=True,
    hints_at_unknown_keys=True,
    title_is_the_name=True,
    replaces_its_namesake=True,
    clients_write_everything=False,
    clients_fire_server_events=False,
    calls_in_order=False,
    refuses_unknown_triggers=True,
    sends_tracebacks=False,
    logs_errors_of_pages=True,
    error_of_a_page="in a client:",
    keeps_uploads_on_disk=True,
    has_the_known_secret=False,
    prefers_aiohttp=False,
    draws_vue3_itself=True,
    sandboxes_documents=True,
    framed_by_all=False,
    help_begins="jupyter_trame application",
)
"""What is wrong is said, and clients are not trusted with each other."""

TRAMES = Manners(
    compares_types=False,
    notices_changes_in_place=False,
    hints_at_unknown_keys=False,
    title_is_the_name=False,
    replaces_its_namesake=False,
    clients_write_everything=True,
    clients_fire_server_events=True,
    calls_in_order=True,
    refuses_unknown_triggers=False,
    sends_tracebacks=True,
    logs_errors_of_pages=False,
    error_of_a_page="JS Error =>",
    keeps_uploads_on_disk=False,
    has_the_known_secret=True,
    prefers_aiohttp=True,
    draws_vue3_itself=False,
    sandboxes_documents=False,
    framed_by_all=True,
    help_begins="Kitware trame",
)
"""What apps written for trame could depend on."""


def manners_of(compat: Compat | None) -> Manners:
    """Those of ``Server(compat=compat)``. Raises ValueError for what that cannot be."""
    if compat is None:
        return OURS
    if compat not in get_args(Compat):
        raise ValueError(f"compat is None or {' or '.join(get_args(Compat))}, not {compat!r}")
    return TRAMES
