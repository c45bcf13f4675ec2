"""Near-identical submissions: what is found, what is not, and that the exercise and the common answer do not count."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referee.classroom.similar import ALIKE, COMMON_LEAST, LEAST, Prints, likeness, own_prints, pairs
from referee.classroom.tokens import all_grams, fingerprints
from tests.classroom.test_class_tokens import CODE, HONEST, RENAMED

PRINTS = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=3),
    st.frozensets(st.integers(0, 40), min_size=1, max_size=20),
    max_size=8,
)


def groups(cells: dict[str, list[str]], base: list[str] | None = None) -> list[list[str]]:
    """Who is listed together."""
    prints = {student: fingerprints(some) for student, some in cells.items()}
    found = likeness("a", Prints(students=prints, base=all_grams(base or [])))
    return [[each.student for each in group.students] for group in found.groups]


def test_a_renamed_copy_is_found():
    """Other names, comments and layout do not hide a copy; an honest solution is not listed."""
    assert groups({"ada": [CODE], "ben": [RENAMED], "cat": [HONEST * 3]}) == [["ada", "ben"]]


def test_cells_in_another_order_are_found():
    """A copy in pieces, in another order, is a copy."""
    parts = [CODE, HONEST * 2, "total = [x ** 2 for x in values if x % 2 == 0 and x not in seen]\n" * 2]
    assert groups({"ada": parts, "ben": parts[::-1]}) == [["ada", "ben"]]


def test_what_the_exercise_gives_does_not_count():
    """Two who both left the exercise as it is have nothing of their own."""
    assert groups({"ada": [CODE], "ben": [CODE]}, base=[CODE]) == []
    found = likeness("a", Prints(students={"ada": fingerprints([CODE])}, base=all_grams([CODE])))
    assert (found.compared, found.shared, found.little) == (0, 0, 1)


def test_what_many_share_does_not_count():
    """The one right answer of a short exercise is nobody's own once more than a fifth, and ten, have it."""
    many = {f"s{i:02}": [CODE] for i in range(COMMON_LEAST + 1)}
    assert groups(many) == []
    few = dict(list(many.items())[:COMMON_LEAST])
    assert groups(few) == [list(few)]


def test_what_is_the_same_to_the_byte_is_listed_whoever_shares_it():
    """Of eleven with the one right answer, the three who have it to the byte are listed; how many share it is told."""
    prints = {f"s{i:02}": fingerprints([CODE]) for i in range(COMMON_LEAST + 1)}
    codes = {student: "copy" if student in ("s02", "s05", "s07") else student for student in prints}
    found = likeness("a", Prints(students=prints, codes=codes))
    (group,) = found.groups
    assert [each.student for each in group.students] == ["s02", "s05", "s07"]
    assert (group.identical, group.low, group.high) == (True, 1.0, 1.0)
    assert (found.compared, found.shared, found.little) == (0, COMMON_LEAST + 1, 0)


def test_little_code_that_is_the_same_to_the_byte_says_nothing():
    """Two lines are the same by chance, to the byte as well; what is near-identical is not called identical."""
    short = {student: fingerprints(["x = np.zeros((3, 3))"]) for student in ("ada", "ben")}
    found = likeness("a", Prints(students=short, codes=dict.fromkeys(short, "same")))
    assert (found.groups, found.little, found.shared) == ((), 2, 0)
    renamed = {"ada": fingerprints([CODE]), "ben": fingerprints([RENAMED])}
    (group,) = likeness("a", Prints(students=renamed, codes={"ada": "1", "ben": "2"})).groups
    assert not group.identical


def test_little_code_is_not_compared():
    """Two lines that are the same say nothing; how many have too little is told."""
    prints = {student: fingerprints(["x = np.zeros((3, 3))\ny = x.sum()"]) for student in ("ada", "ben")}
    found = likeness("a", Prints(students=prints, unread=2))
    assert (found.compared, found.little, found.unread, found.groups) == (0, 2, 2, ())


def test_a_part_of_a_longer_submission_is_found():
    """Containment: all of the shorter one's code is in the longer one's."""
    assert groups({"ada": [CODE], "ben": [CODE, HONEST * 5]}) == [["ada", "ben"]]


def test_a_group_says_how_alike_its_pairs_are():
    """The lowest and the highest containment stand there, and the pairs of three."""
    found = likeness("a", Prints(students={name: fingerprints([CODE]) for name in ("ada", "ben", "cat")}))
    (group,) = found.groups
    assert (group.low, group.high, len(group.pairs)) == (1.0, 1.0, 3)
    assert group.pairs[0] == "ada and ben: 100 %"


def test_a_pair_that_is_the_same_to_the_byte_is_told_first():
    """Within a group that is near-identical, two who have the same to the byte stand first, and not as a share."""
    prints = {name: fingerprints([CODE]) for name in ("ada", "ben", "cat")}
    (group,) = likeness("a", Prints(students=prints, codes={"ada": "1", "ben": "2", "cat": "2"})).groups
    assert not group.identical
    assert group.pairs == ("ben and cat: the same to the byte", "ada and ben: 100 %", "ada and cat: 100 %")


def brute(own: dict[str, frozenset[int]]) -> set[tuple[str, str]]:
    """The pairs that are alike, found by comparing all with all."""
    names = sorted(own)
    return {
        (a, b)
        for i, a in enumerate(names)
        for b in names[i + 1 :]
        if len(own[a] & own[b]) / min(len(own[a]), len(own[b])) >= ALIKE
    }


@given(PRINTS)
def test_no_pair_is_missed(own):
    """Looking only at what shares something rare finds what comparing all with all finds."""
    assert {(pair.first, pair.second) for pair in pairs(own)} == brute(own)


@pytest.mark.parametrize("size", [LEAST, 20, 63])
def test_no_pair_is_missed_at_the_border(size):
    """A pair that shares exactly four fifths of its fingerprints is found, whichever fifth differs."""
    shared = size - size // 5
    luck = random.Random(size)
    for _ in range(20):
        one = luck.sample(range(1000), size)
        own = {"ada": frozenset(one), "ben": frozenset([*one[:shared], *range(2000, 2000 + size - shared)])}
        assert {(pair.first, pair.second) for pair in pairs(own)} == brute(own) != set()


@given(PRINTS, st.frozensets(st.integers(0, 40), max_size=10))
def test_own_code_is_what_is_left(students, base):
    """Nothing of the exercise's is anybody's own, and nothing is that a student does not have."""
    own = own_prints(students, base)
    assert own.keys() == students.keys()
    assert all(some <= students[name] and not some & base for name, some in own.items())


@given(PRINTS, st.randoms(use_true_random=False))
def test_the_order_of_students_does_not_matter(students, luck):
    """Any order of the class gives the same list."""
    mixed = list(students.items())
    luck.shuffle(mixed)
    assert likeness("a", Prints(students=dict(mixed))) == likeness("a", Prints(students=students))
