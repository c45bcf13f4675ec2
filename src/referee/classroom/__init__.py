"""The page about a whole class, for an instructor who has ten minutes: pure functions on reports, and records between.

interface    the records
items        the distribution of scores, and what each check tells (classical test theory)
clusters     failures by what really happened
outliers     who took much more time or memory than the others, and which limits were exceeded
tokens       Python code -> fingerprints
similar      fingerprints -> submissions that are worth a look together
overview     reports -> the page's content
page         the content -> one self-contained HTML file
export       the students' code as JPlag and Dolos read it
serving      the page over HTTP for as long as a class is being graded, on this machine alone
"""
