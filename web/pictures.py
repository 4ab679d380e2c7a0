"""How large a picture is, by its first bytes: so that a page leaves room for it and nothing moves when it arrives."""

from __future__ import annotations

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8"
_MARKER = 0xFF
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # of a JPEG: the segments that tell its size


def size_of(image: bytes) -> tuple[int, int] | None:
    """Return width and height in pixels of a PNG or JPEG; None where they cannot be told."""
    size = None
    if image.startswith(_PNG):
        size = _number(image, 16, 4), _number(image, 20, 4)
    elif image.startswith(_JPEG):
        size = _size_of_jpeg(image)
    return size if size and all(size) else None


def _size_of_jpeg(image: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(image) and image[at] == _MARKER:
        if image[at + 1] in _FRAMES:
            return _number(image, at + 7, 2), _number(image, at + 5, 2)
        at += 2 + max(_number(image, at + 2, 2), 2)
    return None


def _number(image: bytes, at: int, length: int) -> int:
    return int.from_bytes(image[at : at + length])
