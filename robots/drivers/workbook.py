"""Excel books as steps see them."""
from typing import Protocol


class Workbooks(Protocol): ...
