"""Rounded up, where a rest remains."""
# expect: misconception rounded up
# %% positions_solution
import math

def positions(height, width, mask, stride):
    return math.ceil((height - mask) / stride) + 1, math.ceil((width - mask) / stride) + 1
