"""Wrong variants of a solution, made by operators that speak deep learning: each should lose a point.

    of_cell(name, source)   every variant of one solution cell
    layers.py           a layer dropped, swapped, of another size, with another padding or activation
    values.py           numbers, names, indices and axes that are off by one, swapped or flipped
    steps.py            statements, conditions and functions: what is left out, reversed or mixed up

An operator is a function from a node of the solution to nodes that could stand in its place. Only what lies between
`### BEGIN SOLUTION` and `### END SOLUTION` is changed: that is what a student writes.
"""

from referee.verify.variants.making import NoPython, Variant, of_cell

__all__ = ["NoPython", "Variant", "of_cell"]
