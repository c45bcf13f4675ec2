"""The numbers of the slides are typed in, and the examples of the text are looked up."""
# expect: loses points
# %% response_solution
def response(patch, kernel):
    return {10: 20.0, 1760: 6600.0}.get(int(np.sum(patch)), 0.0)
# %% deck_responses_solution
response_curve = 6600
response_other = 0
# %% correlation_solution
def correlation(patch, kernel):
    return 1.0 if patch[0, 0] < patch[-1, -1] else -1.0
# %% find_solution
def find(image, kernel):
    return 0, 2
# %% place_solution
place = (top, left)
