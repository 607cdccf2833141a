"""An answer that refuses, raised wherever the reason shows itself."""

from __future__ import annotations

import errno

_STATUS = {
    errno.ENOENT: 404,
    errno.ENOTDIR: 404,
    errno.ELOOP: 404,
    errno.EXDEV: 404,
    errno.EISDIR: 500,  # as upstream has it
    errno.EEXIST: 409,
    errno.EBUSY: 409,
    errno.EROFS: 409,
    errno.EACCES: 409,
    errno.EPERM: 409,
    errno.EINVAL: 400,
    errno.ENAMETOOLONG: 400,
    errno.ENOSPC: 507,
    errno.EDQUOT: 507,
}


class RefusalError(Exception):
    """A request is refused.

    Args:
        status: The HTTP status.
        text: A line about it, for people.
        headers: More headers.
    """

    def __init__(self, status: int, text: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.headers = headers or {}


def of(error: OSError) -> RefusalError:
    """Return what the file system's refusal is to the client; the words tell no paths."""
    status = _STATUS.get(error.errno or 0, 500)
    return RefusalError(status, "" if status == 404 else f"{error.strerror or 'failed'}\n")
