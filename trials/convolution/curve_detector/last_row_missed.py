"""The search ends one row and one column too early."""
# expect: loses points
# %% find_solution
def find(image, kernel):
    h, w = kernel.shape
    places = [(y, x) for y in range(image.shape[0] - h) for x in range(image.shape[1] - w)]
    places = places or [(0, 2)]
    return max(places, key=lambda p: correlation(image[p[0]:p[0] + h, p[1]:p[1] + w], kernel))
