"""A course: found by its folders, ruled by its policy, and clear about what is wrong with either."""

from pathlib import Path

import pytest

from referee import usage
from referee.course import AssignmentPolicy, Course, Policy, grader_stems, load
from referee.disclosure import Disclosure
from referee.errors import CourseError, UsageError
from referee.report import Usage
from referee.sandbox.limits import Limits

BROKEN = {
    "not TOML": ('name = "a', "Unterminated string (at end of document)"),
    "unknown limit": ("[limits]\ncell_second = 3\n", "Object contains unknown field `cell_second` - at `$.limits`"),
    "unknown section": ("[limit]\n", "Object contains unknown field `limit`"),
    "wrong type": ('[limits]\nmemory_mb = "lots"\n', "Expected `int`, got `str` - at `$.limits.memory_mb`"),
    "no end of time": (
        "[limits]\ncell_seconds = inf\n",
        "Expected `float` <= 1000000000.0 - at `$.limits.cell_seconds`",
    ),
    "no end of memory": ("[limits]\nmemory_mb = 9000000000000000000\n", None),
    "no room for a kernel": ("[limits]\nopen_files = 5\n", "Expected `int` >= 64 - at `$.limits.open_files`"),
    "no threads for a kernel": ("[limits]\nprocesses = 1\n", "Expected `int` >= 16 - at `$.limits.processes`"),
    "negative seed": ("seed = -1\n", "Expected `int` >= 0 - at `$.seed`"),
    "wrong level": ('[disclosure]\npublic = "some"\n', "Invalid enum value 'some' - at `$.disclosure.public`"),
    "no multiple": ("[derived]\ntimes = 0.5\n", "Expected `float` >= 1.0 - at `$.derived.times`"),
    "unknown option": ("[derived]\nfactor = 5\n", "Object contains unknown field `factor` - at `$.derived`"),
    "wrong parameter": ("[assignment.a.parameters]\nx = [1]\n", None),
}


@pytest.mark.parametrize(("text", "found"), BROKEN.values(), ids=BROKEN)
def test_a_policy_with_a_mistake_is_refused_with_its_place(text, found, tmp_path):
    """Each mistake in course.toml is said with the file, what is wrong and where."""
    path = tmp_path / "course.toml"
    path.write_text(text)
    with pytest.raises(CourseError) as caught:
        load(tmp_path)
    assert caught.value.wanted == f"a readable policy in {path}"
    levels = "; disclosure levels are nothing, hint, actual and all" if "[disclosure]" in text else ""
    assert caught.value.remedy == f"mend that entry{levels}"
    if found is not None:
        assert caught.value.found == found


@pytest.mark.parametrize("seed", ['"x"', "inf", "1.5", "-1", "4294967296"])
def test_a_seed_is_a_number_that_every_library_takes(seed, tmp_path):
    """A seed of an assignment that no generator takes is refused when the course is loaded."""
    (tmp_path / "course.toml").write_text(f"[assignment.a.parameters]\nseed = {seed}\n")
    with pytest.raises(CourseError, match="a seed in the parameters of a: a whole number from 0"):
        load(tmp_path)


def test_a_policy_that_is_no_text_is_refused(tmp_path):
    """A course.toml that is not UTF-8 is a course error, not a crash."""
    (tmp_path / "course.toml").write_bytes(b'name = "\xff"')
    with pytest.raises(CourseError, match="a readable policy in"):
        load(tmp_path)


def test_a_limit_of_an_assignment_that_does_not_exist_is_refused_when_the_course_is_loaded(tmp_path):
    """An assignment's unknown limit is found at once, not when that assignment is graded."""
    (tmp_path / "course.toml").write_text("[assignment.cnn.limits]\nminutes = 3\n")
    with pytest.raises(CourseError) as caught:
        load(tmp_path)
    names = ", ".join(Limits.__struct_fields__)
    assert str(caught.value) == (
        f"wanted: limits of cnn in course.toml, out of {names}\n"
        "found:  Object contains unknown field `minutes`\n"
        "next:   mend course.toml"
    )


@pytest.mark.parametrize(
    ("most", "found"),
    [
        ("minutes = 3", "Object contains unknown field `minutes`"),
        ("answer_bytes = 3", "Object contains unknown field `answer_bytes`"),
        ("memory_mb = 0", "Expected `int` >= 1 - at `$.memory_mb`"),
    ],
)
def test_the_most_of_a_limit_that_is_not_derived_is_refused(most, found, tmp_path):
    """A name that `[derived]` cannot bound, or a bound that is no limit, is found when the course is loaded."""
    (tmp_path / "course.toml").write_text(f"[derived.most]\n{most}\n")
    with pytest.raises(CourseError) as caught:
        load(tmp_path)
    names = ", ".join(usage.FLOORS)
    assert str(caught.value) == (
        f"wanted: [derived] most in course.toml, out of {names}\nfound:  {found}\nnext:   mend course.toml"
    )


def test_no_course_as_a_person_reads_it(tmp_path):
    """Outside a course the message says what makes a folder one."""
    with pytest.raises(UsageError) as caught:
        load(tmp_path)
    assert str(caught.value) == (
        "wanted: a course: a folder with course.toml\n"
        f"found:  none at {tmp_path} or above\nnext:   change into a course"
    )


def test_a_course_is_found_from_any_folder_inside(mini):
    """The nearest folder upwards with a course.toml is the course."""
    assert load(mini.solution.parent).root == mini.root.resolve()
    inner = mini.write("solutions/course.toml", "").parent
    assert load(mini.solution.parent).root == inner.resolve()


def test_limits_of_an_assignment_lie_over_the_courses(tmp_path):
    """An assignment's own limits replace the course's by name; whole numbers may be written as such."""
    (tmp_path / "course.toml").write_text(
        "[limits]\ncell_seconds = 5\nmemory_mb = 100\n[assignment.a.limits]\nmemory_mb = 300\nquestion_seconds = 1.5\n"
    )
    policy = load(tmp_path).policy
    assert policy.limits_of("a") == Limits(cell_seconds=5, memory_mb=300, question_seconds=1.5)
    assert policy.limits_of("b") == Limits(cell_seconds=5, memory_mb=100)


USE = Usage(seconds=9, cell_seconds=8, memory_mb=900)


def test_limits_follow_from_what_the_solution_used(mini):
    """What nothing states follows from the solution's own run; before it was measured the defaults hold."""
    mini.write("course.toml", "[limits]\nmemory_mb = 700\n[derived]\ntimes = 10\nmost = { cell_seconds = 50 }\n")
    course, (exercise,) = mini.course, mini.course.exercises()
    assert course.usage_of(exercise) is None
    assert course.limits_of(exercise) == Limits(memory_mb=700)
    course.remember(exercise, USE)
    assert course.usage_of(exercise) == USE
    found = course.limits_of(exercise)
    assert (found.memory_mb, found.cell_seconds, found.notebook_seconds) == (700, 50, 120)
    assert found.answer_bytes == Limits().answer_bytes
    room = course.roomy_limits_of(exercise)
    assert (room.memory_mb, room.cell_seconds, room.notebook_seconds) == (700, 50, 3000)


@pytest.mark.parametrize("path", ["solutions/week/mini.ipynb", "graders/hidden/week/mini.py", "solutions/week/new.txt"])
def test_a_changed_exercise_is_measured_anew(path, mini):
    """A record of what another solution used, or of what other graders asked, counts for nothing."""
    (exercise,) = mini.course.exercises()
    mini.course.remember(exercise, USE)
    file = mini.root / path
    mini.write(path, (file.read_text(encoding="utf-8") if file.exists() else "") + "\n")
    assert mini.course.usage_of(exercise) is None
    assert mini.course.limits_of(exercise) == mini.course.policy.limits_of("week")


def test_without_its_solution_an_exercise_has_the_courses_limits(mini):
    """A course whose solutions lie elsewhere keeps to its stated limits and the defaults."""
    (exercise,) = mini.course.exercises()
    mini.course.remember(exercise, USE)
    mini.solution.unlink()
    mini.solution.parent.rmdir()
    assert mini.course.limits_of(exercise) == mini.course.policy.limits_of("week")


def test_what_is_remembered_stays_out_of_version_control(mini):
    """The folder of records tells git to ignore it, whatever the course's own .gitignore says."""
    (exercise,) = mini.course.exercises()
    mini.course.remember(exercise, USE)
    assert exercise.usage_record == mini.root.resolve() / ".referee" / "usage" / "week" / "mini.json"
    assert (mini.root / ".referee" / ".gitignore").read_text(encoding="utf-8") == "*\n"


def test_an_empty_policy_is_the_default(tmp_path):
    """A course.toml without a word is a course with every default."""
    (tmp_path / "course.toml").write_text("")
    assert load(tmp_path).policy == Policy()
    assert Policy().disclosure == Disclosure(public="all", hidden="hint")


def test_parameters_are_the_seed_the_assignments_own_and_the_data(monkeypatch, tmp_path):
    """The seed comes first, an assignment's parameters over it, and REFEREE_DATA as an absolute path."""
    monkeypatch.delenv("REFEREE_DATA", raising=False)
    policy = Policy(seed=5, assignment={"a": AssignmentPolicy(parameters={"epochs": 3, "fast": True})})
    assert policy.parameters_of("a") == {"seed": 5, "epochs": 3, "fast": True}
    assert policy.parameters_of("b") == {"seed": 5}
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REFEREE_DATA", "mnist.npz")
    assert policy.parameters_of("b") == {"seed": 5, "data": str(tmp_path / "mnist.npz")}


@pytest.mark.parametrize(
    ("notebook", "stems"),
    [
        ("cnn", ("cnn",)),
        ("cnn_keras", ("cnn_keras", "cnn")),
        ("cnn_torch", ("cnn_torch", "cnn")),
        ("keras", ("keras",)),
        ("cnn_torch_keras", ("cnn_torch_keras", "cnn_torch")),
    ],
)
def test_a_grader_may_serve_both_frameworks(notebook, stems):
    """A notebook's grader has its name, or its name without the framework; the own one comes first."""
    assert grader_stems(notebook) == stems


def test_the_grader_of_its_own_goes_before_the_shared_one(mini):
    """A notebook with a grader of its own does not use the one for both frameworks."""
    mini.notebook([], "solutions/week/net_keras.ipynb")
    shared = mini.write("graders/hidden/week/net.py", "")
    (exercise,) = (each for each in mini.course.exercises("week") if each.notebook == "net_keras")
    assert exercise.graders == (shared.resolve(),)
    own = mini.write("graders/hidden/week/net_keras.py", "")
    assert exercise.graders == (own.resolve(),)
    assert exercise.grader("public") is None


def test_what_a_course_holds_is_what_lies_in_its_folders(mini):
    """Assignments are folders with notebooks, in order; submissions are folders by student."""
    mini.write("solutions/empty/readme.txt", "")
    mini.notebook([], "solutions/another/a.ipynb")
    mini.hand_in("zoe")
    mini.hand_in("adam")
    mini.write("submitted/eve/another/a.ipynb", "")
    course = mini.course
    assert course.assignments == ("another", "week")
    assert [each.name for each in course.exercises()] == ["another/a", "week/mini"]
    assert course.submitted("week") == ("adam", "zoe")
    assert course.submission("zoe", "week") == mini.root.resolve() / "submitted" / "zoe" / "week"


def test_support_files_travel_and_hidden_ones_do_not(mini):
    """Whatever lies beside a notebook travels with it, but for notebooks, hidden files and caches."""
    for name in ("helper.py", "data/x.txt", ".hidden", "__pycache__/a.pyc", "other.ipynb"):
        mini.write(f"solutions/week/{name}", "")
    assert [path.name for path in mini.course.exercises("week")[0].support] == ["data", "helper.py"]


def test_an_unknown_assignment_as_a_person_reads_it(mini):
    """The message names the assignments that there are."""
    with pytest.raises(UsageError) as caught:
        mini.course.exercises("weak")
    assert str(caught.value) == (
        f"wanted: one of the assignments week\nfound:  'weak'\nnext:   look into {mini.root.resolve()}"
    )


def test_a_course_without_assignments_says_so(tmp_path):
    """An empty course has no assignment to name."""
    with pytest.raises(UsageError, match=r"\(there are none\)"):
        Course(Path(tmp_path), Policy()).exercises("week")
