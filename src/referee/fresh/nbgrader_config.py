"""nbgrader's view of this course: `nbgrader` and its formgrader work in this folder as they are."""

from pathlib import Path

c = get_config()  # noqa: F821 - traitlets defines it

c.CourseDirectory.course_id = "course"
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
c.CourseDirectory.submitted_directory = "submitted"
c.CourseDirectory.autograded_directory = "autograded"
c.CourseDirectory.feedback_directory = "feedback"

c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE"}

# The formgrader shows what student code printed: nothing of it may run in the instructor's browser.
c.HTMLExporter.sanitize_html = True
