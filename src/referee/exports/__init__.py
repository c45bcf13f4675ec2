"""A graded class in the formats of other programs: pure functions from records to bytes.

interface    what every format takes: the students with their reports, and what waits for a person
table        CSV, a row for each student
data         JSON, the class as data;   schema: the JSON Schemas of it and of a report
sheet        somebody's CSV file, taken apart and put together without changing a byte
matching     which row is whose;   filling: one column filled;   canvas, moodle: whose file it is
shown        a notebook as a list of results, for gradescope, junit and github
markdown, anchors    text that is nothing but text, and lines of cells: for github
"""
