"""The middle of the patch instead of its corner."""
# expect: misconception the middle of the patch
# %% find_solution
def find(image, kernel):
    h, w = kernel.shape
    places = [(y, x) for y in range(image.shape[0] - h + 1) for x in range(image.shape[1] - w + 1)]
    y, x = max(places, key=lambda p: correlation(image[p[0]:p[0] + h, p[1]:p[1] + w], kernel))
    return y + h // 2, x + w // 2
