"""An honest notebook as it ran, with all that a page can show of one."""

from __future__ import annotations

from typing import Any

from tests.browser import hostile
from tests.browser.hostile import code, raised, shown, stream

SOURCE = '''"""Every kind of word that a page marks."""
from __future__ import annotations
import numpy as np  # a comment

@decorated(level=0x1F, rate=1e-3, many=10_000)
async def conv2d(image: np.ndarray, kernel=None, *rest, **names) -> "np.ndarray":
    r"""A raw docstring \\d."""
    if kernel is None or not len(image):
        raise ValueError(f"no kernel: {image.shape!r:>10} {{}}\\n" 'and \\u00e9' b"bytes")
    return np.sum(image[::2, 1:] @ kernel ** 2, axis=-1) if True else lambda x: x % 3

class Net(Base, metaclass=Meta):
    __slots__ = ("a",)
    def __init__(self): super().__init__(); self.a = [1.5, 2j, 0b11, None, False, ...]

%matplotlib inline
x = ? $ broken
'''
TABLE = (
    "<table border=1><caption>digits</caption><thead><tr><th></th>"
    + "".join(f"<th>pixel{n}</th>" for n in range(40))
    + "</tr></thead><tbody><tr><th>0</th>"
    + "".join(f"<td>{n * 0.125}</td>" for n in range(40))
    + "</tr></tbody></table>"
)
DRAWING = hostile.svg("<rect width='9' height='9' fill='#a33'/>")
TEXT = """# A heading
## And one below

Text with *emphasis*, `code`, a [link](https://example.org/a), and $x^2$.

1. first
   - inner

> quoted

| left | right |
|------|-------|
| 1    | 2     |

```python
def f(): pass
```

---
"""


def solution(name: str) -> dict[str, Any]:
    """nbgrader's marks of a cell that a student fills in."""
    return {"nbgrader": {"grade_id": name, "grade": False, "solution": True, "locked": False, "schema_version": 3}}


NOTEBOOK = hostile.notebook(
    [
        {"cell_type": "markdown", "source": TEXT, "metadata": {}},
        code("from referee import exercise\ncheck = exercise('convolution/feature_map')"),
        code(SOURCE, stream("epoch 1\nepoch 2\n"), stream("a warning\n", "stderr"), **solution("feature_map_answer")),
        code("frame", shown({"text/html": TABLE, "text/plain": "a table"})),
        code("plot()", shown({"image/png": hostile.png(1600, 900), "text/plain": "<Figure size 1600x900>"})),
        code("draw()", shown({"image/svg+xml": DRAWING, "text/plain": "a drawing"})),
        code("1 / 0", raised("\x1b[31mZeroDivisionError\x1b[0m: division by zero")),
        code('check("feature_map")', nbgrader=hostile.marks("feature_map")),
        {"cell_type": "raw", "source": "as it is", "metadata": {}},
    ]
)
