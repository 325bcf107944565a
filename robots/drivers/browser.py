"""The browser as steps see it."""
from typing import Protocol


class Browser(Protocol): ...
