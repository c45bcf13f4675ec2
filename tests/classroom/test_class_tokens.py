"""Fingerprints of code: what they do not see, what they do, and that no text stops them."""

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referee.classroom.tokens import GRAM, WINDOW, all_grams, fingerprints, normalised

CODE = '''
def conv2d(image, kernel):
    """Slides."""
    height, width = kernel.shape
    out = np.zeros((image.shape[0] - height + 1, image.shape[1] - width + 1))
    for i in range(out.shape[0]):  # rows
        for j in range(out.shape[1]):
            out[i, j] = (image[i:i + height, j:j + width] * kernel).sum()
    return out
'''
RENAMED = """
# my own work
def conv2d(picture, filt):
    # two sizes
    h, w = filt.shape

    result = np.zeros((picture.shape[0] - h + 1,
                       picture.shape[1] - w + 1))
    for row in range(result.shape[0]):
        for col in range(result.shape[1]):
            result[row, col] = (picture[row:row + h, col:col + w] * filt).sum()
    return result
"""
HONEST = """
def conv2d(image, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.einsum("ijkl,kl->ij", windows, kernel)
"""
TEXTS = st.text(max_size=200) | st.text("\"'#\\\n\t ()[]rfb.x0eE-", max_size=60)


def test_names_comments_and_layout_are_not_seen():
    """Renamed variables, other comments, a docstring and lines broken elsewhere leave the same fingerprints."""
    assert fingerprints([CODE]) == fingerprints([RENAMED])


def test_another_solution_is_another():
    """Two honest solutions of one task share next to nothing."""
    shared = fingerprints([CODE]) & fingerprints([HONEST])
    assert len(shared) <= 1


def test_the_order_of_cells_is_not_seen():
    """Cells that change places leave the same fingerprints."""
    assert fingerprints([CODE, HONEST]) == fingerprints([HONEST, CODE])


def test_a_copied_passage_is_found_inside_other_code():
    """Whoever has GRAM + WINDOW - 1 tokens in a row of somebody shares a fingerprint with them."""
    passage = " + ".join(f"x.f{i}" for i in range(GRAM + WINDOW))
    one, other = f"a = 1\n{passage}\nb(2)", f"for k in y:\n    print(k)\n{passage}"
    assert fingerprints([one]) & fingerprints([other])


def test_attributes_and_keywords_are_seen():
    """A library's function by another name is another token; a variable is not."""
    assert normalised("np.sum(x)") != normalised("np.mean(x)")
    assert normalised("if x: pass") == normalised("if y: pass")
    assert normalised("if x: pass") != normalised("while x: pass")


@pytest.mark.parametrize("text", ["f'{x!r} {y}'", 'rb"a\\"b"', "'''a\nb'''", '""', "u'ä'"])
def test_a_string_is_one_token(text):
    """Strings of every kind are one token, formatted ones too, whatever Python this is."""
    assert normalised(f"x = {text}") == ["N", "=", "S"]


@pytest.mark.parametrize("text", ["1", "1_000", "0x1F", "1.5e-3", ".5", "1e9j", "2."])
def test_a_number_is_one_token(text):
    """Numbers of every kind are one token."""
    assert normalised(f"x = {text}") == ["N", "=", "0"]


def test_a_docstring_is_a_comment_and_an_argument_is_not():
    """A string that stands alone in its line is left out; any other is seen."""
    assert normalised('"""doc"""\nx = "s"\n"end"') == ["N", "=", "S"]


def test_base_code_holds_every_hash_that_could_be_chosen():
    """What the exercise gives is known wherever it stands in a student's code."""
    assert fingerprints([CODE]) <= all_grams([CODE])
    inside = f"before(1)\n{CODE}\nafter(2)"
    assert len(fingerprints([inside]) - all_grams([CODE])) <= 2 * (GRAM + WINDOW)


def test_the_same_in_every_process():
    """Fingerprints do not depend on the seed of Python's own hashes."""
    code = f"from referee.classroom.tokens import fingerprints; print(sorted(fingerprints([{CODE!r}])))"
    runs = {
        subprocess.check_output([sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed})
        for seed in ("1", "2")
    }
    assert len(runs) == 1


def test_a_huge_cell_is_bounded():
    """Of megabytes of code only the beginning is compared."""
    assert fingerprints(["x = 1\n" * 500_000]) == fingerprints(["x = 1\n" * 400_000])


@given(TEXTS)
def test_any_text_has_tokens(text):
    """Broken code is no error, and no token is empty."""
    assert all(normalised(text))
    assert fingerprints([text]) <= all_grams([text])


@given(TEXTS)
def test_indentation_does_not_matter(text):
    """The same lines further to the right are the same code, strings over several lines aside."""
    moved = "\n".join(f"    {line}" for line in text.split("\n"))
    if '"""' not in text and "'''" not in text and "\\" not in text:
        assert normalised(moved) == normalised(text)
