"""Recipes: each trains the reference for one exercise once, with a seed, and says what it reaches.

`reference/recipes/<assignment>.py` has a function for each exercise whose threshold depends on a training. `referee
calibrate` runs it with several seeds; what comes out is what graders call a band.
"""
