"""HTML that runs nothing and fetches nothing, whatever it is made of.

It is safe by construction: all of it is written here, from tags, attributes and styles that are listed here, and from
text that is escaped. HTML of others is read into a tree, and the tree is written in the same way.
"""

import base64
import re
from collections.abc import Iterable, Mapping
from html import escape
from html.parser import HTMLParser

__all__ = ["as_text", "element", "image", "is_picture", "sanitise", "text"]

_TAGS = re.compile(
    "a|abbr|article|aside|b|blockquote|br|caption|code|col|colgroup|dd|del|details|div|dl|dt|em|"
    "figcaption|figure|footer|h1|h2|h3|h4|h5|h6|header|hr|i|img|ins|kbd|label|li|main|mark|meter|nav|ol|"
    "p|pre|progress|q|s|samp|section|small|span|strong|sub|summary|sup|table|tbody|td|tfoot|th|thead|"
    "time|tr|u|ul|var"
)
_VOID = re.compile("br|col|hr|img")
_DROPPED = re.compile(
    "embed|frame|frameset|head|iframe|link|math|meta|noembed|noframes|noscript|object|script|select|"
    "style|svg|template|textarea|title|xmp"
)
"""Tags whose content is no text of the page, or means something else than it says."""
_BLOCKS = re.compile(
    "article|aside|blockquote|br|dd|details|div|dl|dt|figure|footer|h1|h2|h3|h4|h5|h6|header|hr|li|main|"
    "nav|ol|p|pre|section|summary|table|tr|ul"
)

_ATTRIBUTES = re.compile(
    "align|alt|aria-label|border|cellpadding|cellspacing|colspan|dir|height|lang|max|min|open|role|"
    "rowspan|scope|span|start|title|valign|value|width"
)
_LINK = re.compile(r"(?:https?://|mailto:|#)[^\s\x00-\x1f]*", re.IGNORECASE)
_DATA_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp|bmp|svg\+xml);base64,[A-Za-z0-9+/=\s]*")
_STYLE = re.compile(r"\s*(-{0,2}[a-z][\w-]*)\s*:\s*([\w\s.,#%!+*/()'\"-]*)", re.IGNORECASE)
_FUNCTION = re.compile(r"([\w-]*)\(")
_FUNCTIONS = frozenset(
    {"calc", "clamp", "hsl", "hsla", "max", "min", "minmax", "repeat", "rgb", "rgba", "var", ""}
)
_UNWANTED = frozenset({"behavior", "-moz-binding", "content", "cursor", "pointer-events", "z-index"})
"""Properties that are old ways to run something, or cover what is not of the picture."""

_SIGNATURES: tuple[tuple[bytes, int, str], ...] = (
    (b"\x89PNG", 0, "image/png"),
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"GIF8", 0, "image/gif"),
    (b"WEBP", 8, "image/webp"),
    (b"BM", 0, "image/bmp"),
    (b"<", 0, "image/svg+xml"),
)


def text(content: str) -> str:
    """`content` as it stands. Lines are broken by a reference: in Markdown an empty line would end the HTML."""
    return escape(content).replace("\r", "").replace("\n", "&#10;")


def element(tag: str, attributes: Mapping[str, str | None], children: Iterable[str] = ()) -> str:
    """The element `tag` around `children`, which are safe already; a tag that is not known is a ``div``.

    Attributes that could run or fetch something are left out.
    """
    tag = tag.lower()
    if not _TAGS.fullmatch(tag):
        tag = "div"
    kept = ((name.lower(), _kept(tag, name.lower(), value or "")) for name, value in attributes.items())
    written = "".join(f' {name}="{text(value)}"' for name, value in kept if value is not None)
    if tag == "a" and "href" in attributes:
        written += ' rel="noopener noreferrer"'
    return f"<{tag}{written}>" if _VOID.fullmatch(tag) else f"<{tag}{written}>{''.join(children)}</{tag}>"


def is_picture(data: bytes) -> bool:
    """Whether browsers show `data` as a picture."""
    return _media_type(data) is not None


def image(data: bytes, attributes: Mapping[str, str | None]) -> str:
    """A picture whose bytes are in the page: as an ``img`` even a drawing with scripts runs none of them."""
    address = f"data:{_media_type(data) or 'image/png'};base64,{base64.b64encode(data).decode()}"
    return element("img", {**attributes, "src": address})


def sanitise(html: str) -> str:
    """What of `html` is safe, as it looks; the text of unknown tags stays."""
    parser = _Sanitiser()
    parser.feed(html)
    parser.close()
    return parser.finish()


def as_text(safe: str) -> str:
    """The words of HTML that was written here, in lines."""
    parser = _Words()
    parser.feed(safe)
    parser.close()
    lines = (" ".join(line.split()) for line in "".join(parser.words).splitlines())
    return "\n".join(line for line in lines if line)


def _media_type(data: bytes) -> str | None:
    head = bytes(data[:16]).removeprefix(b"\xef\xbb\xbf")
    for start, offset, media_type in _SIGNATURES:
        if head[offset:].startswith(start):
            return media_type
    return None


def _kept(tag: str, name: str, value: str) -> str | None:
    """The value of an attribute that may stay, or None."""
    match name:
        case "href":
            return value if tag == "a" and _LINK.fullmatch(value.strip()) else None
        case "src":
            return value if tag == "img" and _DATA_IMAGE.fullmatch(value) else None
        case "style":
            return _safe_style(value) or None
    return value if _ATTRIBUTES.fullmatch(name) else None


def _safe_style(style: str) -> str:
    """The declarations that fetch nothing and leave their place."""
    return ";".join(part.strip() for part in style.split(";") if _is_safe_declaration(part))


def _is_safe_declaration(declaration: str) -> bool:
    match = _STYLE.fullmatch(declaration)
    if match is None:
        return False
    name, value = match[1].lower(), match[2].lower()
    if name in _UNWANTED or (name == "position" and value.strip() not in {"relative", "static"}):
        return False
    return all(function in _FUNCTIONS for function in _FUNCTION.findall(value))


class _Sanitiser(HTMLParser):
    """Reads HTML as it comes, and forgives what is not closed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[tuple[str, dict[str, str | None], list[str]]] = [("", {}, [])]
        self._dropped: list[str] = []
        """Tags that are open within what is left out."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._dropped or _DROPPED.fullmatch(tag):
            if tag not in {"embed", "frame", "link", "meta"}:  # which are never closed
                self._dropped.append(tag)
        elif _VOID.fullmatch(tag):
            self._open[-1][2].append(_void(tag, dict(attrs)))
        else:
            self._open.append((tag, dict(attrs), []))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # Of an element of HTML the slash means nothing to browsers.
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self._dropped:
            if tag in self._dropped:
                del self._dropped[len(self._dropped) - 1 - self._dropped[::-1].index(tag) :]
            return
        if any(open_tag == tag for open_tag, _, _ in self._open[1:]):
            while self._close() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self._dropped:
            self._open[-1][2].append(text(data))

    def finish(self) -> str:
        while len(self._open) > 1:
            self._close()
        return "".join(self._open[0][2])

    def _close(self) -> str:
        tag, attributes, children = self._open.pop()
        # What is no tag of ours is neither here nor there; its text stays.
        self._open[-1][2].append(
            element(tag, attributes, children) if _TAGS.fullmatch(tag) else "".join(children)
        )
        return tag


def _void(tag: str, attributes: dict[str, str | None]) -> str:
    if tag != "img" or _kept(tag, "src", attributes.get("src") or "") is not None:
        return element(tag, attributes)
    alt = attributes.get("alt")
    return text(f"[picture: {alt}]" if alt else "[picture]")


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if _BLOCKS.fullmatch(tag):
            self.words.append("\n")
        if tag == "img":
            alt = dict(attrs).get("alt")
            self.words.append(f"[picture: {alt}]" if alt else "[picture]")
        if tag in {"td", "th"}:
            self.words.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if _BLOCKS.fullmatch(tag):
            self.words.append("\n")
        if tag == "small":  # the label of a value
            self.words.append(" ")

    def handle_data(self, data: str) -> None:
        self.words.append(data)
